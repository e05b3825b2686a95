"""The page of the Python interface: every step of the workflow as a function, and what it is of."""

import ast
import inspect
import re
from importlib import import_module

from method_pages import as_markdown

from fairprune.commands import SHORT
from fairprune.io.project import ENTRIES

HEAD = """# Python

The same steps from Python: each subcommand of `fairprune` is one function, which takes what its
options take. They write files with cards, as the workflow does. What is wrong with their input they
say in one line, a `fairprune.errors.FairpruneError`: what, where, and what to do.

```python
from fairprune.models.folder import open_model
from fairprune.pruning.variant import load_variant, open_pruned

folder = open_model("data/models/demo")
pruned = open_pruned("results/demo/pruned/demo/wanda/reviews.balanced/0.50")
model = load_variant(folder, pruned, "cpu", "float32")  # a transformers model
```
"""
BESIDE = {
    "Models and variants": [
        "fairprune.models.folder.open_model",
        "fairprune.models.loading.load_model",
        "fairprune.models.loading.load_tokenizer",
        "fairprune.pruning.variant.open_pruned",
        "fairprune.pruning.variant.load_variant",
    ],
    "Inputs and summaries": [
        "fairprune.data.tasks.read_task",
        "fairprune.data.tasks.write_task",
        "fairprune.text.validity.validity",
    ],
    "Methods of your own": [
        "fairprune.pruning.declare.score",
        "fairprune.pruning.declare.solver",
        "fairprune.pruning.declare.allocation",
        "fairprune.pruning.declare.refinement",
        "fairprune.fairness.declare.attribution",
        "fairprune.fairness.declare.metric",
        "fairprune.fairness.declare.Metric",
    ],
    "Runs": ["fairprune.report.find.find_results"],
    "Cards": ["fairprune.io.cards.write_card", "fairprune.io.cards.read_card"],
}


def api() -> str:
    """The page as Markdown."""
    text = [HEAD, "## Steps", ""]
    short = {entry: name for name, entry in SHORT.items()}
    for entry, step in steps().items():
        text += [f"### fairprune {short.get(entry, entry)}", "", _function(step)]
    for title, names in BESIDE.items():
        text += [f"## {title}", ""]
        for name in names:
            text += [f"### {name.rpartition('.')[2]}", "", _function(name)]
    return "\n".join(text)


def steps() -> dict[str, str]:
    """Subcommand → the dotted name of the function behind it."""
    found = {}
    for file in sorted(ENTRIES.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                for name in node.names:
                    if name.asname == "step" or name.name == file.stem:
                        found[file.stem.replace("_", "-")] = f"{node.module}.{name.name}"
    return found


def _function(name: str) -> str:
    module, _, last = name.rpartition(".")
    function = getattr(import_module(module), last)
    signature = inspect.signature(function)
    given = [_plainly(str(e)) for e in signature.parameters.values()]
    kinds = [e.kind for e in signature.parameters.values()]
    if inspect.Parameter.KEYWORD_ONLY in kinds:
        given.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
    arguments = "".join(f"    {argument},\n" for argument in given)
    result = _plainly(inspect.formatannotation(signature.return_annotation))
    shown = f"from {module} import {last}\n\n{last}(\n{arguments}) -> {result}"
    return f"```python\n{shown}\n```\n\n{as_markdown(function.__doc__)}\n"


def _plainly(parameter: str) -> str:
    """A parameter with functions and the standard library's types by their names, unquoted."""
    unquoted = re.sub(r"(?<=: )'([^']*)'(?= = |$)|^'([^']*)'$", r"\1\2", parameter)
    named = re.sub(r"<function (\S+) at 0x\w+>", r"\1", unquoted)
    return re.sub(r"\b(?:pathlib|collections\.abc|typing)\.", "", named)
