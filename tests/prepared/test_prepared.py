"""A prepared process is a process: arguments, directory, environment, files, signals, end."""

import os
import signal
import subprocess
import sys

import pytest

import prepared

REPORT = """
import os, sys
print(sys.argv[1:], os.getcwd(), os.environ["MINE"], sys.stdin.read(), "torch" in sys.modules)
print(__name__, file=sys.stderr)
sys.exit(int(sys.argv[1]))
"""
WAIT = """
import atexit, signal, sys, time
atexit.register(print, "cleaned up")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
print("waits", flush=True)
time.sleep(100)
"""


def start(file, text, *arguments, **more):
    """Start a program of this text."""
    file.write_text(text)
    return subprocess.Popen(
        [prepared.python(), str(file), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


@pytest.mark.parametrize(("more", "forked"), [({}, True), ({"HF_HOME": "/elsewhere"}, False)])
def test_all_that_a_program_is_given_and_gives(tmp_path, more, forked):
    """What libraries read when they are imported cannot differ: then it is the real Python."""
    environment = {**prepared.ENVIRONMENT, "MINE": "yes", **more}
    done = start(tmp_path / "p.py", REPORT, "7", "a b", cwd=tmp_path, env=environment)
    out, err = done.communicate("given")
    assert (done.returncode, err) == (7, "__main__\n")
    assert out == f"['7', 'a b'] {tmp_path} yes given {forked}\n"


def test_it_is_prepared_after_every_import_of_a_test(tmp_path):
    import lm_eval  # noqa: F401 (it changes the environment)

    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = start(tmp_path / "p.py", "import sys; print('torch' in sys.modules)", env=environment)
    assert done.communicate()[0] == "True\n"


def test_signals_arrive_and_the_dead_are_dead(tmp_path):
    ended = start(tmp_path / "p.py", WAIT)
    assert ended.stdout.readline() == "waits\n"
    ended.send_signal(signal.SIGTERM)
    assert ended.communicate()[0] == "cleaned up\n"
    assert ended.returncode == 143
    killed = start(tmp_path / "p.py", WAIT)
    assert killed.stdout.readline() == "waits\n"
    killed.send_signal(signal.SIGKILL)
    assert killed.communicate()[0] == ""  # ends when nobody holds the pipe any more
    assert killed.returncode == -signal.SIGKILL


def test_one_that_kills_itself_and_one_that_breaks(tmp_path):
    itself = start(tmp_path / "p.py", "import os; os.kill(os.getpid(), 9)")
    itself.communicate()
    assert itself.returncode == -signal.SIGKILL
    broken = start(tmp_path / "p.py", "1 / 0")
    assert "ZeroDivisionError" in broken.communicate()[1]
    assert broken.returncode == 1


def test_other_words_are_of_the_real_python():
    command = [prepared.python(), "-c", "import sys; print(sys.executable, *sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True)
    program, *modules = done.stdout.split()
    assert program == sys.executable and "torch" not in modules
