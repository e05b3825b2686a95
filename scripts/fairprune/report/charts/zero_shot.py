"""Zero-shot scores against sparsity, with 95 % intervals."""

import altair as alt

from fairprune.report.charts.shared import FIGURE, LOOSE, VARIANT, lines, small_multiples


def zero_shot(colour: alt.Color) -> alt.TopLevelMixin:
    """A line a method and calibration set, one panel a model, task and metric."""
    y = alt.Y("value:Q", title=None, scale=LOOSE)
    chart = lines(colour, y, band=True, tooltip=[*VARIANT, "name:N", "metric:N", *FIGURE])
    return small_multiples(chart.properties(height=200), "zero_shot", "panel")
