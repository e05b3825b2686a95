"""The pictures of the page as Vega-Lite made by altair: name → the function that draws it."""

from typing import Any


def specifications(methods: list[str]) -> dict[str, dict[str, Any]]:
    """Every picture's Vega-Lite specification by its name.

    Args:
        methods: the methods of the run, in the order that fixes their colours.
    """
    from fairprune.report.charts.agreement import agreement
    from fairprune.report.charts.annotation import annotation
    from fairprune.report.charts.bias import bias
    from fairprune.report.charts.calibration import calibration
    from fairprune.report.charts.content import copied, length, position
    from fairprune.report.charts.decomposition import decomposition
    from fairprune.report.charts.language import language
    from fairprune.report.charts.layers import layers
    from fairprune.report.charts.overlap import overlap
    from fairprune.report.charts.overview import overview
    from fairprune.report.charts.pareto import pareto
    from fairprune.report.charts.shared import method_colour
    from fairprune.report.charts.sparsity import sparsity
    from fairprune.report.charts.zero_shot import zero_shot

    colour = method_colour(methods)
    pictures = [overview, sparsity, pareto, calibration, decomposition, layers, overlap]
    pictures += [agreement, annotation, position, copied, length, language, zero_shot, bias]
    # The page gives every picture its theme.
    return {draw.__name__: {**draw(colour).to_dict(), "config": {}} for draw in pictures}
