"""The pictures of the page, one a file, as Vega-Lite made by altair."""

from importlib import import_module
from typing import Any

PICTURES = (
    *("overview", "sparsity", "pareto", "calibration"),
    *("layers", "agreement", "position", "language"),
)


def specifications(methods: list[str]) -> dict[str, dict[str, Any]]:
    """Every picture's Vega-Lite specification by its name.

    Args:
        methods: the methods of the run, in the order that fixes their colours.
    """
    from fairprune.report.charts.shared import method_colour

    colour = method_colour(methods)
    made = {}
    for name in PICTURES:
        picture = getattr(import_module(f"{__name__}.{name}"), name)
        made[name] = picture(colour).to_dict()
        made[name]["config"] = {}
    return made
