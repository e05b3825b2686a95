"""Rows of how far the masks of two variants agree: does the method matter, or the calibration?"""

import sys
from collections import defaultdict
from dataclasses import asdict
from itertools import combinations

from fairprune.io.cards import read_card
from fairprune.io.variants import Variant
from fairprune.pruning.overlap import Counts, Overlap, count_layers, overlap
from fairprune.pruning.packed import MASK, PackedMasks
from fairprune.report.results import Results
from fairprune.report.rows import VARIANT, Row, named

OVERLAP = (
    *VARIANT,
    *("other_method", "other_calibration", "layer"),
    *("weights", "pruned", "other_pruned", "common", "share", "chance", "beyond_chance"),
)
MOST_BYTES = 4e11  # of masks compared pair by pair: some minutes
MOST_LAYERS = 100_000  # rows a layer; with more, whole models alone are listed


def overlap_rows(results: Results) -> list[Row]:
    """One row a pair of variants of one model and sparsity, and one a layer (`layer` not empty).

    Variants without masks, of which whole blocks go, and compressed models are left
    out. Of runs with so many large masks that comparing them all would take hours, evenly spaced
    parts of each layer are compared.
    """
    groups: dict[tuple[str, str], dict[Variant, PackedMasks]] = defaultdict(dict)
    size = 0.0
    for target in (target for target in results.pruned if not target.variant.given):
        folder = target.path.parent
        read_card(folder)
        masks = PackedMasks(folder / MASK)
        if masks.shapes:
            groups[target.variant.model, target.variant.sparsity][target.variant] = masks
    for members in groups.values():
        pairs = len(members) * (len(members) - 1) / 2
        size += pairs * sum(rows * columns for rows, columns in _shapes(members)) / 8
    every = max(1, round(size / MOST_BYTES))
    counted = {key: list(count_layers(list(m.values()), every)) for key, m in groups.items()}
    by_layer = _by_layer(counted, groups)
    return [
        row
        for key, members in groups.items()
        for first, second in combinations(range(len(members)), 2)
        for row in _rows(list(members), counted[key], first, second, by_layer)
    ]


def _shapes(masks: dict[Variant, PackedMasks]) -> list[tuple[int, int]]:
    return list(next(iter(masks.values())).shapes.values())


def _by_layer(
    counted: dict[tuple[str, str], list[Counts]],
    groups: dict[tuple[str, str], dict[Variant, PackedMasks]],
) -> bool:
    """Whether layers are listed; where they are too many, that is said."""
    pairs = {key: len(masks) * (len(masks) - 1) // 2 for key, masks in groups.items()}
    number = sum(pairs[key] * len(layers) for key, layers in counted.items())
    if number > MOST_LAYERS:
        print(
            f"note: the overlap of masks layer by layer ({number} rows) is left out of "
            "overlap.csv: choose variants with build_tables.py --variant to have it",
            file=sys.stderr,
        )
    return number <= MOST_LAYERS


def _rows(
    variants: list[Variant], layers: list[Counts], one: int, other: int, by_layer: bool
) -> list[Row]:
    names = named(variants[one])
    names |= {
        "other_method": variants[other].method,
        "other_calibration": variants[other].calibration,
    }
    rows = [{**names, "layer": "", **_figures(overlap(layers, one, other))}]
    if by_layer:
        rows += [
            {**names, "layer": layer.layer, **_figures(overlap([layer], one, other))}
            for layer in layers
        ]
    return rows


def _figures(found: Overlap) -> Row:
    figures = asdict(found)
    del figures["expected"]
    return figures | {
        "share": found.share,
        "chance": found.chance,
        "beyond_chance": found.beyond_chance,
    }
