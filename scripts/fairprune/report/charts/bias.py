"""How much worse each variant does on bias tasks than the dense model, with 95 % intervals."""

import altair as alt

from fairprune.report.charts.overview import TWO_LINES, VERDICTS
from fairprune.report.charts.shared import DENSE, small_multiples


def bias(_: alt.Color) -> alt.TopLevelMixin:
    """A row a variant, one panel a model, task and score; dashed: no change; grey: the margin."""
    names = alt.Axis(labelExpr=TWO_LINES)
    base = alt.Chart().encode(y=alt.Y("row:N", title=None, sort=None, axis=names))
    colour = alt.Color(
        "verdict:N",
        title="against the dense model",
        scale=alt.Scale(domain=list(VERDICTS), range=list(VERDICTS.values())),
    )
    title = "better  ←  change  →  worse"
    tooltip = [
        *("method:N", "calibration:N", "sparsity:N", "task:N", "metric:N", "verdict:N"),
        *(alt.Tooltip(f"{name}:Q", format=".3f") for name in ("dense_value", "value", "worsening")),
        alt.Tooltip("worsening_low:Q", title="95 % from", format=".3f"),
        alt.Tooltip("worsening_high:Q", title="to", format=".3f"),
        *(alt.Tooltip(f"{name}:Q", format=".1%") for name in ("flip_rate", "newly_biased")),
        *("reason:N", "marks:N", "n:Q", "units:Q"),
    ]
    layered = alt.layer(
        base.mark_rect(color=DENSE, opacity=0.15).encode(
            x=alt.X("margin_low:Q", title=title), x2="margin:Q"
        ),
        alt.Chart().mark_rule(strokeDash=[6, 4], color=DENSE, aria=False).encode(x=alt.datum(0)),
        base.mark_rule(strokeWidth=2).encode(
            x=alt.X("worsening_low:Q", title=title), x2="worsening_high:Q", color=colour
        ),
        base.mark_point(size=70, filled=True).encode(
            x=alt.X("worsening:Q", title=title), color=colour, tooltip=tooltip
        ),
        base.mark_text(dy=-8, fontSize=12).encode(
            x=alt.X("worsening:Q", title=title), text="sign:N"
        ),
    )
    return small_multiples(layered, "bias", "panel", shared=False)
