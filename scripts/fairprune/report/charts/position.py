"""Where in the input the summary's words come from: 0 the beginning, 1 the end."""

import altair as alt

from fairprune.report.charts.shared import FIGURE, LOOSE, VARIANT, lines, small_multiples


def position(colour: alt.Color) -> alt.TopLevelMixin:
    """A line a method and calibration set, one panel a model, task and measure."""
    y = alt.Y("value:Q", title=None, scale=LOOSE)
    chart = lines(colour, y, band=True, tooltip=[*VARIANT, "metric:N", *FIGURE])
    return small_multiples(chart.properties(height=200), "position", "panel")
