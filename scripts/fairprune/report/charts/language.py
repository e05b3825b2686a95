"""Perplexity against sparsity, on a logarithmic scale."""

import altair as alt

from fairprune.report.charts.shared import VARIANT, lines, small_multiples


def language(colour: alt.Color) -> alt.TopLevelMixin:
    """A line a method and calibration set, one panel a model and text; the title has the window."""
    tooltip = [*VARIANT, "name:N", "window:Q", alt.Tooltip("value:Q", format=".4g")]
    y = alt.Y("value:Q", title=None, scale=alt.Scale(type="log"), axis=alt.Axis(format="~g"))
    chart = lines(colour, y, band=False, tooltip=tooltip)
    return small_multiples(chart.properties(height=200), "language", "panel")
