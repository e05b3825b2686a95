"""The variants under one attribution against another: do both order them alike?"""

import altair as alt

from fairprune.report.charts.shared import DENSE, LOOSE, small_multiples

NUMBERS = alt.Axis(tickCount=5, format=".3~f", labelOverlap=True)


def agreement(colour: alt.Color) -> alt.TopLevelMixin:
    """A point a variant, one panel a model, task and pair of attributions."""
    chart = alt.Chart().mark_point(size=50, strokeWidth=2)
    chart = chart.encode(
        x=alt.X("first:Q", title=None, scale=LOOSE, axis=NUMBERS),
        y=alt.Y("second:Q", title=None, scale=LOOSE, axis=NUMBERS),
        color=alt.condition("datum.dense", alt.value(DENSE), colour),
        tooltip=[
            *("method:N", "calibration:N", "sparsity:N"),
            alt.Tooltip("first:Q", format=".3f"),
            alt.Tooltip("second:Q", format=".3f"),
        ],
    )
    return small_multiples(chart.properties(height=240), "agreement", "panel", shared=False)
