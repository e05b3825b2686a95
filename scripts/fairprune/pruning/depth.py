"""Which blocks of a model go as a whole, and the pruned folder that says so."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from fairprune.io.atomic import atomic_folder
from fairprune.io.cards import write_card
from fairprune.io.opened import Opened
from fairprune.models.depth import leave_out
from fairprune.models.walk import Walk
from fairprune.models.whole import Blocks
from fairprune.present import present
from fairprune.pruning.allocate import Shapes
from fairprune.pruning.declare import SCORES
from fairprune.pruning.packed import MASK, write_masks
from fairprune.pruning.resolved import Method
from fairprune.statistics.sums import SlotSum


def choose_blocks(
    method: Method, blocks: Blocks, ids: torch.Tensor
) -> tuple[list[int], dict[str, list[float]]]:
    """The numbers of the blocks that go, in order, and as a figure every block's influence.

    Raises:
        FairpruneError: the model cannot do without them.
    """
    function, how = present(SCORES.get(method.score).function), method.score_options
    influence = influences(Walk(blocks, ids), lambda *hidden: function(*hidden, **how))
    removed = sorted(lowest(influence, method.blocks_removed(len(blocks))))
    leave_out(blocks.model, removed)
    return removed, {"influence": influence}


def lowest(influence: list[float], number: int) -> list[int]:
    """The blocks of lowest influence, of equal ones the later first."""
    return sorted(range(len(influence)), key=lambda index: (influence[index], -index))[:number]


def influences(walk: Walk, function: Callable[..., torch.Tensor]) -> list[float]:
    """Each block's influence, the mean over all tokens of all samples.

    Args:
        walk: the calibration samples' walk, not yet begun.
        function: from what a block receives and gives to a number a token.
    """
    hidden, found = walk.embed(), []
    tokens = hidden[0].shape[1]
    for index in tqdm(range(len(walk)), desc="influence", unit="block"):
        sums = SlotSum(walk.slot)
        with walk.block(index) as block, torch.no_grad():
            for number, x in enumerate(walk.staged(hidden)):
                y = walk.call(index, block, number, x)
                sums.add(function(x.float(), y.float()).double().sum().view(1), len(x))
                hidden[number] = walk.keep(y)
        total, samples = sums.total()
        found.append(float(total) / (samples * tokens))
    return found


def write_removed(
    output: Path,
    removed: list[int],
    shapes: Shapes,
    parameters: Mapping[str, Any],
    sources: Mapping[str, Opened],
    figures: Mapping[str, Any],
) -> None:
    """Write the pruned folder of a model without some blocks: an empty mask file, and the card.

    Args:
        output: the folder, replaced whole or not at all.
        removed: the blocks that go.
        shapes: of all layers.
        parameters, sources, figures: for the card.
    """
    layers: dict[str, dict[str, int | float]] = {}
    for index, block in enumerate(shapes):
        for layer, (rows, columns) in block.items():
            size, share = rows * columns, float(index in removed)
            layers[layer] = {"rows": rows, "columns": columns, "weights": size}
            layers[layer] |= {"pruned": int(share * size), "sparsity": share}
    weights, pruned = (sum(f[key] for f in layers.values()) for key in ("weights", "pruned"))
    with atomic_folder(output, "prune_model") as folder:
        write_masks(folder / MASK, {}, {})
        write_card(
            folder,
            stage="prune_model",
            files=[folder / MASK],
            parameters=parameters,
            inputs=sources,
            figures={
                "weights": weights,
                "pruned": pruned,
                "sparsity": pruned / weights,
                "removed_blocks": removed,
                **figures,
                "layers": layers,
            },
        )
