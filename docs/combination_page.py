"""The table of what goes with what, made by asking for every combination."""

from typing import Any

from fairprune.errors import FairpruneError
from fairprune.pruning.declare import ALLOCATIONS, REFINEMENTS, SCORES
from fairprune.pruning.method import resolve

GROUPS = ("row", "layer", "adaptive")
YES = "✓"


def combinations() -> str:
    """A table of scores and groups, patterns, allocations and refinements, with all reasons."""
    parts = {
        "Comparison groups and patterns": {
            **{f"`{group}`": {"group": group} for group in GROUPS},
            "N:M": {"pattern": "2:4"},
        },
        "Allocations": {f"`{n}`": {"allocation": n} for n in ALLOCATIONS.names()},
        "Refinements": {
            **{f"`{n}`": {"refinement": n} for n in REFINEMENTS.names()},
            **{f"`{n}` with N:M": {"refinement": n, "pattern": "2:4"} for n in REFINEMENTS.names()},
        },
    }
    reasons: dict[str, int] = {}
    text = [
        "# What goes with what",
        "",
        "A method is a score, a comparison group or pattern, an allocation and a refinement. Each "
        "cell of these tables has been asked for; a number leads to the reason why there is no "
        "such method. A configuration that asks for one is refused before anything runs.",
        "",
    ]
    for title, columns in parts.items():
        text += [f"## {title}", "", _row(["score", *columns]), _row(["---"] * (len(columns) + 1))]
        for score in SCORES.names():
            if score != "dense":
                cells = [_cell(score, how, reasons) for how in columns.values()]
                text.append(_row([f"`{score}`", *cells]))
        text.append("")
    text += ["## Allocations with patterns", "", _pattern(reasons), ""]
    text += ["## Reasons", ""]
    text += [f"{number}. {reason}" for reason, number in reasons.items()]
    return "\n".join([*text, ""])


def _cell(score: str, how: dict[str, Any], reasons: dict[str, int]) -> str:
    given = how if "pattern" in how else {**how, "sparsity": "0.5"}
    try:
        resolve(score, **given)
    except FairpruneError as error:
        why = str(error).partition(": ")[2]
        return str(reasons.setdefault(why, len(reasons) + 1))
    return YES


def _pattern(reasons: dict[str, int]) -> str:
    cells = {
        name: _cell("wanda", {"allocation": name, "pattern": "2:4"}, reasons)
        for name in ALLOCATIONS.names()
    }
    return "With N:M: " + ", ".join(f"`{name}` {cell}" for name, cell in cells.items()) + "."


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
