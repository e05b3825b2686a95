"""Each variant's verdict against the dense model: colour, sign, difference and interval."""

import altair as alt

from fairprune.report.charts.shared import VARIANT, small_multiples

TWO_LINES = "split(datum.label, ' · ')"
VERDICTS = {
    "− worse": "#D55E00",
    "⇄ shifted": "#CC79A7",
    "? undecided": "#8A8A8A",
    "× not judged": "#C9B458",
    "= equivalent": "#009E73",
    "+ better": "#0072B2",
}


def overview(_: alt.Color) -> alt.TopLevelMixin:
    """Rows: method and calibration set; columns: sparsity; panels: model, task and measure."""
    base = alt.Chart().encode(
        x=alt.X("sparsity:O", title="sparsity", axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("row:N", title=None, sort=None, axis=alt.Axis(labelExpr=TWO_LINES)),
    )
    cell = base.mark_rect(opacity=0.42, cornerRadius=4, style="cell").encode(
        color=alt.Color(
            "verdict:N",
            title="against the dense model",
            scale=alt.Scale(domain=list(VERDICTS), range=list(VERDICTS.values())),
        ),
        tooltip=[
            *VARIANT,
            *("measure:N", "verdict:N"),
            alt.Tooltip("value:Q", format=".3f"),
            alt.Tooltip("difference:N", title="difference from dense"),
            alt.Tooltip("range:N", title="95 % interval"),
            *("reason:N", "marks:N"),
            alt.Tooltip("validity:Q", format=".0%"),
        ],
    )
    sign = base.mark_text(fontSize=15, fontWeight="bold", dy=-13).encode(text="sign:N")
    difference = base.mark_text(fontSize=11, dy=3).encode(text="difference:N")
    interval = base.mark_text(fontSize=9, dy=16).encode(text="range:N")
    layered = alt.layer(cell, sign, difference, interval)
    return small_multiples(layered, "overview", "panel", shared=False)
