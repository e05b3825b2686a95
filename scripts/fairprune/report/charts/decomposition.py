"""What moves fairness: shares of its variance among variants, with 95 % intervals."""

import altair as alt

from fairprune.report.charts.shared import PERCENT, small_multiples

ORDER = ["method", "set", "method × set", "seed", "method × seed"]


def decomposition(_: alt.Color) -> alt.TopLevelMixin:
    """A bar a source, one panel a model, task and sparsity."""
    base = alt.Chart().encode(y=alt.Y("source:N", title=None, sort=ORDER))
    scale = alt.Scale(domain=[0, 1])
    bar = base.mark_bar(color="#56B4E9", opacity=0.7, height=14).encode(
        x=alt.X("share:Q", title="share of the variance", axis=PERCENT, scale=scale),
        tooltip=[
            "source:N",
            alt.Tooltip("share:Q", format=".0%"),
            alt.Tooltip("share_low:Q", title="95 % from", format=".0%"),
            alt.Tooltip("share_high:Q", title="to", format=".0%"),
            *("methods:Q", "sets:Q", "seeds:Q"),
        ],
    )
    interval = base.mark_rule(strokeWidth=2, style="ink").encode(
        x=alt.X("share_low:Q", title="share of the variance"), x2="share_high:Q"
    )
    return small_multiples(
        alt.layer(bar, interval, height=130), "decomposition", "panel", shared=False
    )
