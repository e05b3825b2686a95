"""What people preferred: win rates against the dense model, with 95 % intervals."""

import altair as alt

from fairprune.report.charts.overview import TWO_LINES
from fairprune.report.charts.shared import DENSE, PERCENT, small_multiples


def annotation(colour: alt.Color) -> alt.TopLevelMixin:
    """A row a variant, one panel a model, task and question; dashed: no difference."""
    scale = alt.Scale(domain=[0, 1])
    names = alt.Axis(labelExpr=TWO_LINES)
    base = alt.Chart().encode(y=alt.Y("row:N", title=None, sort=None, axis=names))
    title = "preferred to the dense model"
    x = alt.X("value:Q", title=title, axis=PERCENT, scale=scale)
    tooltip = [
        *("method:N", "calibration:N", "sparsity:N"),
        alt.Tooltip("value:Q", title="win rate", format=".0%"),
        alt.Tooltip("low:Q", title="95 % from", format=".0%"),
        alt.Tooltip("high:Q", title="to", format=".0%"),
        *("n:Q", "wins:Q", "ties:Q", "losses:Q"),
    ]
    layered = alt.layer(
        alt.Chart().mark_rule(strokeDash=[6, 4], color=DENSE, aria=False).encode(x=alt.datum(0.5)),
        base.mark_rule(strokeWidth=2).encode(
            x=alt.X("low:Q", title=title, scale=scale), x2="high:Q", color=colour
        ),
        base.mark_point(size=70, filled=True).encode(x=x, color=colour, tooltip=tooltip),
    )
    return small_multiples(layered, "annotation", "panel", shared=False)
