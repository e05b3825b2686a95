"""What the YAML files of somebody's tasks may say: data, and no code but what the user names.

Of lm-eval's files a line can run code in several ways; each is looked for before lm-eval reads it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fairprune.errors import FairpruneError

BUILDERS = ("json", "csv", "parquet", "text", "arrow")  # of datasets: those that read no pickles
CODE = ("class", "custom_dataset", "use_prompt", "unsafe_code", "hf_evaluate")


@dataclass(frozen=True)
class Function:
    """What stands after `!function`: `MODULE.NAME`, of a file beside the YAML."""

    name: str


class _Loader(yaml.SafeLoader):
    """Reads `!function` as a word, and nothing else that a plain YAML file does not hold."""


def _function(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Function:
    return Function(loader.construct_scalar(node))


_Loader.add_constructor("!function", _function)


def task_files(folder: Path, functions: Sequence[Path] = ()) -> list[Path]:
    """The YAML files below a folder, none of which runs code that is not named; sorted.

    Args:
        folder: of lm-eval's tasks.
        functions: Python files whose functions they may call.

    Raises:
        FairpruneError: no such folder; a file that is no YAML, calls a function of a file that is
            not named, names a class or script, or includes a file from outside of the folder.
    """
    if not folder.is_dir():
        raise FairpruneError(f"--include-path {folder} is no folder: give one of YAML tasks")
    named = {path.resolve() for path in functions}
    for path in functions:
        if not path.is_file():
            raise FairpruneError(f"--functions {path} does not exist: give an existing file")
    files = sorted(folder.rglob("*.yaml"))
    inside = {file.resolve() for file in files}
    for file in files:
        for key, value in _entries(_read(file)):
            if why := _refusal(key, value, file, named, inside):
                raise FairpruneError(f"{file}: {why}")
    return files


def data_files(folder: Path) -> list[Path]:
    """The local files that the tasks below a folder read, as `data_files` names them; sorted."""
    found: set[Path] = set()
    for file in sorted(folder.rglob("*.yaml")):
        for key, value in _entries(_read(file)):
            if key == "data_files":
                texts = [text for _, text in _entries([value]) if isinstance(text, str)]
                found |= {path for path in map(Path, texts) if path.is_file()}
    return sorted(found)


def metric_names(folder: Path) -> dict[str, Path]:
    """The metrics that the tasks below a folder leave to lm-eval, and a file that names each."""
    found: dict[str, Path] = {}
    for file in sorted(folder.rglob("*.yaml")):
        content = _with_included(file, ())
        runs = "task" in content or "group" in content
        if runs and not isinstance(content.get("process_results"), Function):
            names = [value for key, value in _entries(content) if key == "metric"]
            found |= {name: file for name in names if isinstance(name, str)}
    return found


def _with_included(file: Path, above: tuple[Path, ...]) -> dict[str, Any]:
    """A task's keys with those of the files that it includes."""
    if file.resolve() in above:
        raise FairpruneError(f"{file} includes itself: leave one include out")
    content = _read(file)
    content = content if isinstance(content, dict) else {}
    merged: dict[str, Any] = {}
    for other in _listed(content.get("include", [])):
        merged |= _with_included((file.parent / str(other)).resolve(), (*above, file.resolve()))
    return merged | content


def _read(file: Path) -> Any:
    try:
        return yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        what = " ".join(str(error).split())[:200]
        raise FairpruneError(f"{file} is no task that can be read: {what}") from None


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key and value of a YAML file, at any depth; of a list each entry under no key."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key), inner
            yield from _entries(inner)
    elif isinstance(value, list):
        for inner in value:
            yield "", inner
            yield from _entries(inner)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _refusal(
    key: str, value: Any, file: Path, named: Collection[Path], inside: Collection[Path]
) -> str | None:
    """Why a line of a file is refused; None where it is not."""
    if isinstance(value, Function):
        module = value.name.rpartition(".")[0].replace(".", "/")
        script = (file.parent / f"{module}.py").resolve()
        if script not in named or not script.is_file():
            return (
                f"{key}: !function {value.name} runs code. Read {script.name} beside it, and if "
                "you trust it name it: language.functions in a configuration, --functions FILE"
            )
        return None
    if key in CODE and value not in (None, False):
        return f"{key}: that loads code; tasks of a folder are data, and functions that are named"
    if key == "dataset_path" and not _is_data(str(value)):
        return f"dataset_path: {value!r} is neither {', '.join(BUILDERS)} nor OWNER/NAME of the hub"
    if key == "include":
        for other in _listed(value):
            if (file.parent / str(other)).resolve() not in inside:
                return f"include: {other} lies outside of the folder, or is no .yaml: put it there"
    return None


def _is_data(path: str) -> bool:
    owner, slash, name = path.partition("/")
    hub = slash and owner and "/" not in name and not path.startswith((".", "~"))
    return path in BUILDERS or bool(hub and name and not Path(path).exists())
