"""What the pictures have in common: colours, signs, small multiples.

Every picture reads named data that the page fills after filtering; no figure is written into a
specification.
"""

from typing import Any

import altair as alt

METHOD_COLOURS = [
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#8C6BB1", "#7F7F7F"),
    *("#B15928", "#1B9E77", "#E7298A", "#66A61E"),
]
KINDS = {
    **{"unstructured": "circle", "N:M pattern": "square", "compressed model": "diamond"},
    "validity under 90 %": "cross",
}
DENSE = "#888888"

PERCENT = alt.Axis(format=".0%", tickCount=6)
SPARSITY = alt.X("fraction:Q", title="sparsity", axis=PERCENT)
LOOSE = alt.Scale(zero=False)
VARIANT = ["model:N", "task:N", "method:N", "calibration:N", "sparsity:N"]
FIGURE = [
    alt.Tooltip("value:Q", format=".3f"),
    alt.Tooltip("low:Q", title="95 % from", format=".3f"),
    alt.Tooltip("high:Q", title="to", format=".3f"),
    alt.Tooltip("n:Q", title="inputs"),
]


def method_colour(methods: list[str]) -> alt.Color:
    """Colour by method, the same in every picture; an Okabe-Ito palette, then more.

    Args:
        methods: the methods of the run, in the order that fixes their colours.
    """
    colours = [METHOD_COLOURS[i % len(METHOD_COLOURS)] for i in range(len(methods))]
    return alt.Color(
        "method:N",
        title="method",
        scale=alt.Scale(domain=methods, range=colours),
        legend=alt.Legend(symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1),
    )


def kind_shape() -> alt.Shape:
    """Shape: unstructured, a pattern, a compressed model, or one that writes broken summaries."""
    scale = alt.Scale(domain=list(KINDS), range=list(KINDS.values()))
    return alt.Shape("kind:N", title="point", scale=scale)


def pruned() -> alt.Chart:
    """The variants without the dense model."""
    return alt.Chart().transform_filter("!datum.dense")


def dense() -> alt.Chart:
    """The dense model alone."""
    return alt.Chart().transform_filter("datum.dense")


def lines(
    colour: alt.Color, y: alt.Y, *, band: bool, tooltip: list[Any]
) -> alt.LayerChart | alt.FacetChart:
    """A figure against sparsity: a line a method and calibration set, and the dense line.

    Args:
        colour: from `method_colour`.
        y: the encoding of the figure.
        band: whether the figure has an interval (`low`, `high`).
        tooltip: what is shown of a point.
    """
    between = {"y": alt.Y("low:Q", title=None), "y2": "high:Q"}
    unstructured = pruned().transform_filter("datum.pattern == 'unstructured'")
    parts = []
    if band:
        parts += [
            dense().mark_rect(opacity=0.13, color=DENSE).encode(**between),
            unstructured.mark_area(opacity=0.12).encode(
                x=SPARSITY, color=colour, detail="calibration:N", **between
            ),
            pruned()
            .transform_filter("datum.pattern != 'unstructured'")
            .mark_rule(aria=False)  # where there is no pattern, an image without a name
            .encode(x=SPARSITY, color=colour, **between),
        ]
    rule = dense().mark_rule(strokeDash=[6, 4], strokeWidth=2, color=DENSE)
    line = unstructured.mark_line(strokeWidth=2)
    point = pruned().mark_point(size=55, strokeWidth=2)
    return alt.layer(
        *parts,
        rule.encode(y=y, tooltip=tooltip),
        line.encode(x=SPARSITY, y=y, color=colour, detail="calibration:N"),
        point.encode(x=SPARSITY, y=y, color=colour, shape=kind_shape(), tooltip=tooltip),
    )


def small_multiples(
    chart: Any, name: str, by: str = "place", *, shared: bool = True
) -> alt.TopLevelMixin:
    """One picture a value of the field `by`, from the named data `name`.

    The page sets the width, the number of columns, and the height of pictures with rows.

    Args:
        shared: whether all have the same scales, as they must where they are compared.
    """
    lines_of = "split(datum.label, '\\n')"
    header = alt.Header(title=None, labelFontSize=13, labelFontWeight="bold", labelExpr=lines_of)
    facet = alt.Facet(f"{by}:N", header=header, sort=None)
    chart = chart.properties(width=300)
    faceted = chart.facet(facet, data=alt.NamedData(name), columns=2, spacing=36)
    faceted = faceted.resolve_axis(x="independent", y="independent")
    return faceted if shared else faceted.resolve_scale(x="independent", y="independent")
