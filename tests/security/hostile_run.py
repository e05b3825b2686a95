"""Run alone: entries on hostile files, in one process that notes what is executed.

Reads {name: [entry, option, …]} as JSON from stdin; prints {name: {code, err, events}} and the
peak memory. `events` are what the interpreter audits when something is executed or written.
"""

import contextlib
import importlib
import io
import json
import resource
import sys

EXECUTED = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "pickle.find_class")
noted: list[str] = []


def note(event: str, arguments: tuple) -> None:
    """Called by the interpreter for everything that it audits."""
    if event in EXECUTED or (event == "import" and "evil" in str(arguments[0])):
        noted.append(f"{event} {arguments!r}"[:200])


def run(entry: str, *options: str) -> dict:
    """One entry, as its command line would run it."""
    out, err = io.StringIO(), io.StringIO()
    module = importlib.import_module(entry)
    sys.argv = [entry, *options]
    noted.clear()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            importlib.import_module("fairprune.cli").run(getattr(module, entry))
    except SystemExit as stop:
        return {"code": stop.code, "err": err.getvalue(), "events": list(noted)}


def main() -> None:
    """Imports come first: they start processes of their own."""
    import sklearn.linear_model  # noqa: F401
    import torch  # noqa: F401
    import transformers.models.auto.modeling_auto
    import transformers.models.llama.modeling_llama  # noqa: F401

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.addaudithook(note)
    found = {name: run(*words) for name, words in json.load(sys.stdin).items()}
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps({"found": found, "grown_mb": grown / 1024}))


if __name__ == "__main__":
    main()
