"""The variants under one attribution against another: do both order them alike?"""

import altair as alt

from fairprune.report.charts.shared import DENSE, small_multiples

EXACT = alt.Scale(zero=False, nice=False)  # the diagonal goes from corner to corner
NUMBERS = alt.Axis(tickCount=5)


def agreement(colour: alt.Color) -> alt.TopLevelMixin:
    """A point a variant, one panel a model, task and pair of attributions.

    Both axes have one scale, that of the diagonal, where both attributions say the same. Points
    that lie on each other are rings around each other.
    """
    diagonal = alt.Chart().mark_rule(color=DENSE, strokeDash=[2, 4], aria=False)
    diagonal = diagonal.encode(
        x=alt.X("least:Q", title=None, scale=EXACT, axis=NUMBERS),
        y=alt.Y("least:Q", title=None, scale=EXACT, axis=NUMBERS),
        x2="most:Q",
        y2="most:Q",
    )
    points = alt.Chart().transform_calculate(area="PI * pow(4 + 4 * datum.ring, 2)")
    points = points.mark_point(strokeWidth=2).encode(
        x=alt.X("first:Q", title=None, scale=EXACT, axis=NUMBERS),
        y=alt.Y("second:Q", title=None, scale=EXACT, axis=NUMBERS),
        color=alt.condition("datum.dense", alt.value(DENSE), colour),
        size=alt.Size("area:Q", scale=None),
        tooltip=[
            *("method:N", "calibration:N", "sparsity:N"),
            alt.Tooltip("first:Q", format=".3f"),
            alt.Tooltip("second:Q", format=".3f"),
        ],
    )
    chart = alt.layer(diagonal, points).properties(height=300)
    return small_multiples(chart, "agreement", "panel", shared=False)
