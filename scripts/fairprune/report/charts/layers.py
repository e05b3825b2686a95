"""Share of weights pruned in each layer, in the order of the forward pass."""

import altair as alt

from fairprune.report.charts.shared import PERCENT, small_multiples


def layers(colour: alt.Color) -> alt.TopLevelMixin:
    """A line a method and calibration set, one panel a model and sparsity."""
    chart = alt.Chart().mark_line(point=alt.OverlayMarkDef(size=14), strokeWidth=1.3)
    chart = chart.encode(
        x=alt.X("index:Q", title="layer, first to last", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("actual_sparsity:Q", title=None, axis=PERCENT, scale=alt.Scale(domain=[0, 1])),
        color=colour,
        detail="calibration:N",
        tooltip=[
            *("method:N", "calibration:N", "layer:N"),
            alt.Tooltip("actual_sparsity:Q", title="pruned", format=".1%"),
        ],
    )
    return small_multiples(chart.properties(height=200), "layers", "panel", shared=False)
