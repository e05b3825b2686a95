"""A page a method, attribution and metric, made from its own file: declaration and docstrings."""

import inspect
from importlib import import_module
from typing import Any

from fairprune.fairness.declare import ATTRIBUTIONS, find_metric, metric_names
from fairprune.pruning.declare import ALLOCATIONS, REFINEMENTS, SCORES
from fairprune.pruning.presets import PRESETS
from fairprune.registry import Registry

NEEDS = {
    "activations": "norms of each layer's inputs, measured on a calibration set",
    "gradients": "norms of each weight's per-sample gradients on a calibration set",
    "gram": "the Gram matrix of each layer's inputs on a calibration set",
    "hidden": "what each block receives and gives on a calibration set",
    "moments": "means and variances of each layer's inputs on a calibration set",
    "search": "trial prunings of the model on a calibration set",
    "weights": "the weights alone",
    "seed": "the run's seed",
    "train": "labelled opinions outside the judged inputs",
    "model": "a model of its own",
}


def pages() -> dict[str, str]:
    """A page a score, allocation, refinement, preset, attribution and metric: path → text."""
    found = {}
    kinds: dict[str, Registry[Any]]
    kinds = {"score": SCORES, "allocation": ALLOCATIONS, "refinement": REFINEMENTS}
    for kind, registry in kinds.items():
        for name in registry.names():
            entry = registry.get(name)
            facts = {"kind": kind, "needs": _needs(entry.needs), "source": entry.source}
            if kind == "score":
                facts["comparison group"] = f"`{entry.group}` by default"
            path = f"{'method' if kind == 'score' else kind}s/{name}.md"
            function = entry.definition if kind == "score" else entry.function
            found[path] = _page(name, function, facts, entry.options, kind)
    for name, preset in PRESETS.items():
        found[f"presets/{name}.md"] = _preset(name, preset)
    for name in ATTRIBUTIONS.names():
        way = ATTRIBUTIONS.get(name)
        facts = {"needs": _needs(way.needs), "gives": ", ".join(sorted(way.gives))}
        facts["source"] = way.source
        found[f"attributions/{name}.md"] = _page(name, way.find, facts, way.options, name)
    for name in metric_names():
        metric = find_metric(name)
        facts = {
            "computed from": {"shares": "shares p and q"}.get(metric.needs, metric.needs),
            "fairer": "nearer 0; the sign says whom it favours" if metric.signed else "lower",
            "source": metric.source,
        }
        found[f"metrics/{name}.md"] = _page(name, metric.terms, facts, metric.options, name)
    return found


def _page(name: str, function: Any, facts: dict[str, str], options: Any, part: str) -> str:
    module = import_module(function.__module__)
    text = [f"# {name}", "", f"*{as_markdown(module.__doc__)}*", ""]
    text += [f"- **{key}**: {value}" for key, value in facts.items() if value]
    text += ["", "## Definition", "", as_markdown(function.__doc__), ""]
    for other in _public(module, function):
        text += [
            f"### `{other.__name__}{inspect.signature(other)}`",
            "",
            as_markdown(other.__doc__),
            "",
        ]
    if options:
        text += ["## Options", "", "| option | default | allowed | |", "|---|---|---|---|"]
        for key, option in options.items():
            allowed = " ".join(f"`{c}`" for c in option.choices) or _bounds(option)
            text.append(
                f"| `{part}.{key}` | `{option.default}` | {allowed} | {_cell(option.help)} |"
            )
        text.append("")
    shown = module.__name__.replace(".", "/")
    return "\n".join([*text, f"Defined in `scripts/{shown}.py`.", ""])


def _preset(name: str, preset: dict[str, Any]) -> str:
    kept = {key: value for key, value in preset.items() if key not in ("name", "options")}
    lines = [f"- `{key}`: `{value}`" for key, value in {**kept, **preset["options"]}.items()]
    head = f"# {name}\n\nA preset of `{preset['name']}`: its authors' code by default.\n\n"
    return head + "\n".join(lines) + "\n"


def _public(module: Any, main: Any) -> list[Any]:
    """The other documented functions of a method's file: they hold parts of its definition."""
    return [
        value
        for name, value in vars(module).items()
        if inspect.isfunction(value)
        and value.__module__ == module.__name__
        and value is not main
        and not name.startswith("_")
        and value.__doc__
    ]


def _needs(needs: Any) -> str:
    return "; ".join(f"{need} ({NEEDS[need]})" for need in sorted(needs)) or "nothing"


def as_markdown(doc: str | None) -> str:
    """A docstring as Markdown: `Args:` and the like become paragraphs in bold with a list."""
    lines = []
    for line in inspect.cleandoc(doc or "").splitlines():
        if line.strip() in ("Args:", "Returns:", "Raises:", "Attributes:"):
            lines += [f"**{line.strip()[:-1]}**", ""]
        elif line.startswith("    ") and not line.startswith("     "):
            lines.append(f"- {line.strip()}")
        else:
            lines.append(line)
    return "\n".join(lines).replace("*.", "\\*.")


def _bounds(option: Any) -> str:
    if isinstance(option.default, bool):
        return "true, false"
    if isinstance(option.default, str):
        return "a text"
    return f"{option.low:g} to {option.high:g}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
