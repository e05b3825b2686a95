"""The step behind `export_model.py`: a folder with its model card, and to the hub."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.present import present


def export_model(
    model: Path,
    output: Path,
    *,
    pruned: Path | None = None,
    form: str = "dense",
    results: Path | None = None,
    push: str | None = None,
    public: bool = False,
) -> Path:
    """Write a pruned model as an ordinary folder with README.md, and push it where asked.

    Args:
        model, pruned, output, form: see `pruning.export.export_model`.
        results: results folder of the run that has judged it: its figures go into README.md.
        push: OWNER/NAME on the hub; None: the folder stays here.
        public: whether a repository that is made there is seen by everybody.

    Raises:
        FairpruneError: results of another variant, or see `push`; before the model is loaded,
            where that can be known.
    """
    if results is not None and pruned is None:
        raise FairpruneError("--results tells of a pruned model: give --pruned, too")
    if public and push is None:
        raise FairpruneError("--public says who sees what is pushed: give --push, too")
    from fairprune.models.folder import open_model
    from fairprune.pruning.export import export_model as export
    from fairprune.pruning.variant import open_masks
    from fairprune.publishing.card import model_card
    from fairprune.publishing.findings import find
    from fairprune.publishing.push import look_up
    from fairprune.publishing.push import push as to_hub

    folder, variant = open_model(model), open_masks(pruned) if pruned else None
    destination = look_up(push) if push else None
    found = find(results, present(variant)) if results is not None else None

    def describe(figures: Mapping[str, Any]) -> str:
        return model_card(folder, variant, form, figures, found, push)

    made = export(folder, variant, output, form, describe)
    if destination:
        print(f"pushed to {to_hub(made, destination, private=not public)}", file=sys.stderr)
    return made
