"""What every command line has in common: shared options, errors in one line, the last line."""

import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from fairprune.cli_command import command, taken
from fairprune.cli_paths import FILE, FILE_AND_TABLE, FOLDER, TEXT
from fairprune.errors import FairpruneError
from fairprune.io.disk import FULL
from fairprune.io.usage import summary

LONGEST = 4000  # letters of an error

program: str | None = None  # what the command is called; None: by its file
_stopped: list[int] = []  # the signals that ended this process's step

Device = Annotated[
    Literal["auto", "cpu", "cuda"],
    typer.Option(help="Where to compute; auto: what fits goes on the GPUs there are."),
]
DType = Annotated[
    Literal["auto", "float32", "bfloat16", "float16"],
    typer.Option(help="Number type of the weights; auto: as stored on a GPU, float32 on a CPU."),
]
DeviceMemory = Annotated[
    float | None, typer.Option(help="GB of GPU memory to use; none: what is free.")
]
HostMemory = Annotated[
    float | None,
    typer.Option(help="GB of host memory to use, half of it for activations; none: what is free."),
]
BatchSize = Annotated[
    int | None,
    typer.Option(min=1, max=10**4, help="Inputs a batch; default: what a GPU's memory bears."),
]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Root seed of everything random.")]
ModelFolder = Annotated[Path, typer.Option("--model", help="Folder of a Hugging Face model.")]
PrunedFolder = Annotated[
    Path | None,
    typer.Option("--pruned", help="Folder made by prune_model.py or inspect_compressed.py."),
]
CalibrationFile = Annotated[
    Path, typer.Option("--calibration", help="Safetensors file made by prepare_calibration.py.")
]
Answer = str | None
Texts = list[str] | None
Ignored = Annotated[Texts, typer.Option("--ignore", help="A label that is no group (neutral).")]

PLACE = typer.Option("--output", help="Where the result is written.")
Output = Annotated[Path, PLACE, FILE]
Outputs = Annotated[
    list[Path], typer.Option("--output", help="JSON Lines, one a task; repeated."), FILE
]
OutputAndTable = Annotated[Path, PLACE, FILE_AND_TABLE]
OutputFolder = Annotated[Path, PLACE, FOLDER]
OutputText = Annotated[
    Path | None, typer.Option("--output", help="A new file to write to; none: stdout."), TEXT
]


def run(step: Callable[..., Path | list[Path] | None]) -> None:
    """Run a step as a command: its docstring and its options are the help.

    The paths that the step returns are printed on stdout. A mistake in the input is one line
    on stderr and exit code 1; so is a defect, whose traceback `--debug` shows. The last line
    on stderr says what was made, where, how long it took, and the peak memory.
    """
    app = command(step, lambda debug, **options: _reported(step, debug, options), program)
    _stopped.clear()
    handlers = {number: signal.signal(number, _stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        code = app(prog_name=program, standalone_mode=False)
    except typer.Exit as stop:
        code = stop.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = _fail("interrupted")
    except Exception as error:  # usage errors have no public base class in Typer
        if not _stopped:
            if not hasattr(error, "format_message"):
                raise
            code = _fail(f"{error.format_message()} (--help lists the options)")
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if _stopped:
        code = 143 if signal.SIGTERM in _stopped else _fail("interrupted")
    sys.exit(code or 0)


def _stop(number: int, _: object) -> None:
    """End the step; kept as well, for a library that is being imported turns this into its own."""
    _stopped.append(number)
    raise SystemExit(128 + number)


def _reported(step: Callable[..., Any], debug: bool, options: dict[str, Any]) -> int:
    """Run a step, print what it made or why it failed, and give the exit code."""
    try:
        made = taken(step, options)
    except BaseException as error:  # a panic of a library in Rust is no Exception
        if _stopped or isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        if debug:
            traceback.print_exc()
        if isinstance(error, FairpruneError):
            return _fail(str(error))
        if isinstance(error, OSError) and error.errno in FULL:
            return _fail(f"{error}; free space or allow writing there, then run again")
        if isinstance(error, OSError) and error.strerror:
            return _fail(f"{error}; check that path, and who may read or write there")
        what = " ".join(str(error).split())[:500]
        return _fail(f"unexpected {type(error).__name__}: {what} (--debug shows where)")
    paths = made if isinstance(made, list) else [made] if made else []
    for path in paths:
        print(path, flush=True)
    print(f"{step.__name__}: {_written(paths)}{summary()}", file=sys.stderr)
    return 0


def _written(paths: list[Path]) -> str:
    """What was made and where, for the last line: `wrote FOLDER (3 files, 0.3 MB) in `."""
    found = [f for path in paths for f in ([path] if path.is_file() else path.rglob("*"))]
    files = [file for file in found if file.is_file()]
    if not files:
        return ""
    size = sum(file.stat().st_size for file in files)
    said = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
    where = paths[0] if len(paths) == 1 else f"{len(paths)} results from {paths[0]} on"
    count = f"{len(files)} files, " if len(files) > 1 else ""
    return f"wrote {where} ({count}{said}) in "


def _fail(message: str) -> int:
    if "tqdm" in sys.modules:  # an open bar has not ended its line
        for bar in list(getattr(sys.modules["tqdm"].tqdm, "_instances", ())):
            bar.close()
    line = " ".join(message.split())  # names of files may hold anything
    print(f"error: {line[:LONGEST]}", file=sys.stderr)
    return 1
