"""How far any two variants prune the same weights, from chance (0) to all in common (1)."""

import altair as alt

from fairprune.report.charts.overview import TWO_LINES
from fairprune.report.charts.shared import small_multiples


def overlap(_: alt.Color) -> alt.TopLevelMixin:
    """Rows and columns: method and calibration set; one panel a model and sparsity."""
    slanted = alt.Axis(labelAngle=-40, orient="top", labelLimit=220)
    base = alt.Chart().encode(
        x=alt.X("column:N", title=None, axis=slanted),
        y=alt.Y("row:N", title=None, axis=alt.Axis(labelExpr=TWO_LINES)),
    )
    cell = base.mark_rect(cornerRadius=4, style="cell").encode(
        color=alt.Color(
            "beyond_chance:Q",
            title="in common beyond chance",
            scale=alt.Scale(range=["#f4f4f4", "#0072B2"], domain=[0, 1], clamp=True),
            legend=alt.Legend(format=".0%"),
        ),
        tooltip=[
            *("model:N", "sparsity:N", "row:N", "column:N"),
            alt.Tooltip("share:Q", title="pruned in common", format=".1%"),
            alt.Tooltip("chance:Q", title="by chance", format=".1%"),
            alt.Tooltip("beyond_chance:Q", title="beyond chance", format=".1%"),
        ],
    )
    text = base.mark_text(fontSize=11).encode(
        text="words:N",
        color=alt.condition("datum.beyond_chance > 0.6", alt.value("white"), alt.value("black")),
    )
    return small_multiples(alt.layer(cell, text), "overlap", "panel", shared=False)
