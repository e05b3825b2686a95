"""Fairness against quality: the front is what no other variant beats in both."""

import altair as alt

from fairprune.report.charts.shared import (
    DENSE,
    FIGURE,
    LOOSE,
    VARIANT,
    dense,
    kind_shape,
    pruned,
    small_multiples,
)

ROOM = alt.Scale(zero=False, padding=24)  # for the word beside the rightmost point


def pareto(colour: alt.Color) -> alt.TopLevelMixin:
    """A point a variant with both intervals, one panel a model and task."""
    x = alt.X("quality:Q", title=None, scale=ROOM, axis=alt.Axis(tickCount=6))
    y = alt.Y("value:Q", title=None, scale=LOOSE)
    tooltip = [*VARIANT, *FIGURE, alt.Tooltip("quality:Q", format=".3f"), "front:N"]
    across = alt.Chart().mark_rule(opacity=0.25, aria=False)
    upward = alt.Chart().mark_rule(opacity=0.25, aria=False)
    front = alt.Chart().transform_filter("datum.front")
    size = alt.Size(
        "fraction:Q",
        title="sparsity",
        scale=alt.Scale(range=[20, 200]),
        legend=alt.Legend(format=".0%"),
    )
    chart = alt.layer(
        front.mark_line(interpolate="step-after", color=DENSE, strokeDash=[4, 3]).encode(
            x=x, y=y, order="quality:Q"
        ),
        across.encode(x=alt.X("quality_low:Q", title=None), x2="quality_high:Q", y=y, color=colour),
        upward.encode(x=x, y=alt.Y("low:Q", title=None), y2="high:Q", color=colour),
        pruned()
        .mark_point(strokeWidth=2)
        .encode(x=x, y=y, color=colour, shape=kind_shape(), size=size, tooltip=tooltip),
        dense()
        .mark_point(shape="diamond", filled=True, size=170, color=DENSE, opacity=1)
        .encode(x=x, y=y, tooltip=tooltip),
        dense()
        .mark_text(dx=10, dy=-8, align="left", fontWeight="bold")
        .encode(x=x, y=y, text=alt.value("dense")),
        alt.Chart()
        .transform_filter("datum.here")
        .mark_text(dx=12, dy=12, align="left")
        .encode(x=x, y=y, text="here:N"),
    )
    return small_multiples(chart.properties(height=280), "pareto")
