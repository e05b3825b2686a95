"""What summaries take from their inputs, and from where, against sparsity."""

import altair as alt

from fairprune.report.charts.shared import FIGURE, LOOSE, VARIANT, lines, small_multiples


def _content(name: str, colour: alt.Color) -> alt.TopLevelMixin:
    y = alt.Y("value:Q", title=None, scale=LOOSE)
    chart = lines(colour, y, band=True, tooltip=[*VARIANT, *FIGURE])
    return small_multiples(chart.properties(height=200), name)


def position(colour: alt.Color) -> alt.TopLevelMixin:
    """Mean place of what is taken: 0 the beginning of the input, 1 its end."""
    return _content("position", colour)


def copied(colour: alt.Color) -> alt.TopLevelMixin:
    """Share of the summary that is copied word for word."""
    return _content("copied", colour)


def length(colour: alt.Color) -> alt.TopLevelMixin:
    """Words of the summary."""
    return _content("length", colour)
