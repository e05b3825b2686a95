"""Injects a fault, watches what happens, and keeps the table of it in docs/faults.md.

A fault is a function of a `Bench`. It breaks something, runs what would be run, and ends in one
of two ways: `bench.refused(...)`, one clear line, or `bench.repaired(...)`, the right bytes, each
after at most one step that is documented. Both give the text of the table's last columns.
"""

import contextlib
import hashlib
import importlib
import io
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from workflow.conftest import ROOT

PAGE = ROOT / "docs/faults.md"
FAULTS: dict[str, "Fault"] = {}


@dataclass(frozen=True)
class Fault:
    """One kind of fault: where it strikes, what is done, and the function that does it."""

    where: str
    injected: str
    inject: Callable[["Bench"], "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What happened, and the one step that sets it right (empty: none is needed)."""

    happened: str
    step: str = ""


def fault(where: str, injected: str) -> Callable:
    """Put the decorated function into the table under these words."""

    def register(function: Callable[["Bench"], Outcome]) -> Callable[["Bench"], Outcome]:
        FAULTS[f"{where}: {injected}"] = Fault(where, injected, function)
        return function

    return register


@dataclass
class Done:
    """What a step did."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one error line."""
        lines = [line for line in self.err.splitlines() if line.startswith("error: ")]
        assert self.code == 1 and len(lines) == 1, self.err
        assert "Traceback" not in self.err
        assert "unexpected" not in lines[0], lines[0]
        return lines[0].removeprefix("error: ")


@dataclass
class Bench:
    """A working directory with a small run's results, made by the entries themselves."""

    folder: Path
    made: dict[str, list[str]] = field(default_factory=dict)
    whole: "Bench | None" = None

    def entry(self, name: str, *arguments: object) -> Done:
        """Run an entry in this process, as its command line would."""
        out, err = io.StringIO(), io.StringIO()
        before, here = (sys.argv, signal.getsignal(signal.SIGTERM)), Path.cwd()
        module = importlib.import_module(name)
        sys.argv = [f"{name}.py", *map(str, arguments)]
        os.chdir(self.folder)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                importlib.import_module("fairprune.cli").run(getattr(module, name))
        except SystemExit as stop:
            return Done(int(stop.code or 0), out.getvalue(), err.getvalue())
        finally:
            os.chdir(here)
            sys.argv = before[0]
            signal.signal(signal.SIGTERM, before[1])
        raise AssertionError("an entry always exits")

    def make(self, target: str, name: str, *arguments: object) -> None:
        """Make a result by an entry, and remember how."""
        self.made[target] = [name, *map(str, arguments)]
        done = self.entry(name, *arguments)
        assert done.code == 0, done.err

    def again(self, target: str) -> Done:
        """Make a result once more."""
        return self.entry(*self.made[target])

    def path(self, target: str) -> Path:
        """A file of the bench."""
        return self.folder / target

    def digests(self, *targets: str) -> dict[str, str]:
        """SHA-256 of files (of folders: all but cards and what else holds times)."""
        found = {}
        for target in targets:
            path = self.path(target)
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file() and not file.name.endswith(("card.json", "costs.csv", ".kept")):
                    digest = hashlib.sha256(file.read_bytes()).hexdigest()
                    found[str(file.relative_to(self.folder))] = digest
        return found

    def copy(self, folder: Path) -> "Bench":
        """The same elsewhere, to be broken."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Bench(folder, self.made, self)

    def refused(self, done: Done, *says: str, step: str = "") -> Outcome:
        """The step has refused in one line that holds these words."""
        line = done.error
        for words in says:
            assert words in line, line
        return Outcome(f"refused: {self.plain(line)}", step)

    def plain(self, text: str) -> str:
        """A line without what differs from run to run."""
        text = text.replace(f"{self.folder}/", "").replace(str(self.folder), ".")
        text = re.sub(r"http://127\.0\.0\.1:\d+", "http://HOST", text)
        text = re.sub(r"/(?:tmp|var)/\S*?/(?=[^/\s]+(?:[\s:;,]|$))", "…/", text)
        text = re.sub(r"\d+ bytes, its card says \d+", "… bytes, its card says …", text)
        return " ".join(text.split())


def row(name: str, outcome: Outcome) -> str:
    """The table's line of a fault."""
    known = FAULTS[name]
    cells = (known.where, known.injected, outcome.happened, outcome.step or "none")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def write_row(line: str) -> None:
    """Put a line into the page's table, in the order of the faults."""
    text = PAGE.read_text(encoding="utf-8")
    start, _, rest = text.partition("|---|---|---|---|\n")
    rows = [r for r in rest.splitlines() if r.startswith("| ")]
    key = line.split(" | ")[:2]
    rows = [r for r in rows if r.split(" | ")[:2] != key] + [line]
    order = [row(name, Outcome("")).split(" | ")[:2] for name in FAULTS]
    rows = sorted((r for r in rows if r.split(" | ")[:2] in order),
                  key=lambda r: order.index(r.split(" | ")[:2]))  # fmt: skip
    PAGE.write_text(start + "|---|---|---|---|\n" + "\n".join(rows) + "\n", encoding="utf-8")
