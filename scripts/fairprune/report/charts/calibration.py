"""Method against calibration set: the chosen metric's difference from the dense model."""

import altair as alt

from fairprune.report.charts.shared import FIGURE, VARIANT, small_multiples


def calibration(_: alt.Color) -> alt.TopLevelMixin:
    """Rows: method; columns: calibration set; one panel a model, task and sparsity."""
    base = alt.Chart().encode(
        x=alt.X("calibration:N", title="calibration set", axis=alt.Axis(labelAngle=-20)),
        y=alt.Y("method:N", title=None),
    )
    cell = base.mark_rect(cornerRadius=4, style="cell").encode(
        color=alt.Color(
            "difference:Q",
            title="difference from dense",
            scale=alt.Scale(range=["#7fb8e6", "#f4f4f4", "#f2a766"], domainMid=0),
            legend=alt.Legend(format="+.2f"),
        ),
        tooltip=[*VARIANT, *FIGURE, alt.Tooltip("difference:Q", format="+.3f")],
    )
    text = base.mark_text(fontSize=11, color="black").encode(text="words:N")
    return small_multiples(alt.layer(cell, text), "calibration", "panel", shared=False)
