"""The chosen fairness metric against sparsity, with 95 % intervals and the dense line."""

import altair as alt

from fairprune.report.charts.shared import FIGURE, LOOSE, VARIANT, lines, small_multiples


def sparsity(colour: alt.Color) -> alt.TopLevelMixin:
    """A line a method and calibration set, one panel a model and task."""
    y = alt.Y("value:Q", title=None, scale=LOOSE)
    chart = lines(colour, y, band=True, tooltip=[*VARIANT, *FIGURE])
    return small_multiples(chart.properties(height=260), "fairness")
