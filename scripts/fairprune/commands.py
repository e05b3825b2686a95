"""The command `fairprune`: every entry of the workflow is a subcommand, and whole runs are two."""

import ast
import os
import runpy
import sys
from pathlib import Path

from fairprune import __version__, cli
from fairprune.errors import FairpruneError, unknown
from fairprune.io.atomic import write_text
from fairprune.io.project import ENTRIES, PROJECT

# What is typed often has a short name beside the entry's own.
SHORT = {
    "download": "download-model",
    "activations": "measure-activations",
    "gradients": "compute-gradients",
    "prune": "prune-model",
    "export": "export-model",
    "summarise": "generate-summaries",
    "judge": "evaluate-fairness",
    "quality": "evaluate-quality",
    "language": "evaluate-language",
    "compare": "compare-variants",
    "tables": "build-tables",
    "figures": "build-figures",
    "report": "build-report",
    "status": "show-status",
}
RUNS = {
    "demo": "[options of Snakemake]: the whole way on the demo, in this folder.",
    "run": "CONFIG [options of Snakemake]: everything that a configuration asks for.",
}
DEMO = "demo.yaml"


def main() -> None:
    """Run the subcommand that the command line names; exit as it does."""
    name, *rest = sys.argv[1:] or ["--help"]
    try:
        if name in ("--help", "-h"):
            print(overview())
        elif name in RUNS and rest[:1] in (["--help"], ["-h"]):
            print(f"fairprune {name} {RUNS[name]}\nOptions of Snakemake: snakemake --help")
        elif name == "--version":
            print(f"fairprune {__version__}")
        elif name == "demo":
            _snakemake(_demo(), rest)
        elif name == "run":
            if not rest or rest[0].startswith("-"):
                raise FairpruneError("fairprune run CONFIG: the configuration (YAML) comes first")
            _snakemake(Path(rest[0]), rest[1:])
        else:
            _entry(name, rest)
    except FairpruneError as error:
        sys.exit(f"error: {error}")


def entries() -> dict[str, str]:
    """Every entry's name with dashes, and in a word what it makes."""
    found = {}
    for file in sorted(ENTRIES.glob("*.py")):
        said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        found[file.stem.replace("_", "-")] = said.removeprefix("Entry: ")
    return found


def overview() -> str:
    """What `fairprune --help` prints."""
    short = {entry: name for name, entry in SHORT.items()}
    lines = [f"fairprune {__version__}: prune language models, and see who is still heard.", ""]
    lines += [f"  {name:<22} {said}" for name, said in RUNS.items()]
    lines += [""]
    for entry, said in entries().items():
        also = f" (also {short[entry]})" if entry in short else ""
        lines.append(f"  {entry:<22} {said}{also}")
    return "\n".join([*lines, "", "fairprune NAME --help: its options. Files: " + str(PROJECT)])


def _entry(name: str, arguments: list[str]) -> None:
    known = entries()
    entry = SHORT.get(name, name)
    if entry not in known:
        raise unknown("subcommand", name, sorted({*known, *SHORT, *RUNS}))
    if entry == "show-status" and not arguments:
        raise FairpruneError(f"fairprune {name} CONFIG: give the configuration (YAML)")
    if entry == "show-status" and not arguments[0].startswith("-"):
        arguments = ["--config", *arguments]  # as after `run`
    cli.program, sys.argv = f"fairprune {name}", [name, *arguments]
    runpy.run_path(str(ENTRIES / f"{entry.replace('-', '_')}.py"), run_name="__main__")


def _snakemake(config: Path, arguments: list[str]) -> None:
    """Become Snakemake on a configuration; on all cores, where nothing else is said."""
    if not config.is_file():
        raise FairpruneError(f"{config} is no file: give a configuration (YAML)")
    said = any(
        word.startswith(("-c", "-j", "--cores", "--jobs", "--profile")) for word in arguments
    )
    cores = [] if said else ["--cores", "all"]
    words = [sys.executable, "-m", "snakemake", "--snakefile", str(PROJECT / "Snakefile")]
    words += [*arguments, *cores, "--configfile", str(config)]
    # jobs run `python`, which is to be the one that this package is installed for
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    os.execve(sys.executable, words, os.environ | {"PATH": path})  # noqa: S606 is no shell


def _demo() -> Path:
    """The demo's configuration, written into this folder, with the paths of its files."""
    text = (PROJECT / "config" / DEMO).read_text(encoding="utf-8")
    text = text.replace("data/demo/", f"{PROJECT}/data/demo/")
    file = Path(DEMO)
    if file.exists() and file.read_text(encoding="utf-8") != text:
        raise FairpruneError(f"{file} is here already, and another one: go to another folder")
    write_text(file, text)
    return file
