"""The model card of an exported folder: README.md, as the Hugging Face hub reads it."""

from collections.abc import Mapping
from typing import Any

from fairprune.models.folder import ModelFolder
from fairprune.pruning.variant import PrunedFolder
from fairprune.publishing import measured, words
from fairprune.publishing.base import base_of
from fairprune.publishing.findings import Findings
from fairprune.publishing.metadata import metadata


def model_card(
    folder: ModelFolder,
    pruned: PrunedFolder | None,
    form: str,
    exported: Mapping[str, Any],
    found: Findings | None = None,
    name: str | None = None,
) -> str:
    """The text of README.md: metadata, how the model was pruned, what was found, how to load it.

    Args:
        folder: the model that was pruned.
        pruned: its masks; None: the model as it is.
        form: dense, or 2of4.
        exported: the figures of the export.
        found: what a run has found of it; None: no figures.
        name: OWNER/NAME that it will have on the hub.
    """
    base, card = base_of(folder), pruned.source.card if pruned else None
    method = card["parameters"] if card else None
    lines = [*words.heading(base, card, exported["sparsity"])]
    if card:
        lines += words.pruning(card, form, found.calibration if found else None)
    if found:
        lines += [*measured.figures(found), *measured.verdicts(found)]
    lines += words.loading(name, any(folder.path.glob("tokenizer*")))
    usual = f"{base.hub_id or 'model'}-{method['method'] if method else 'dense'}"
    head = metadata(base, method, (name or usual).rpartition("/")[2], found)
    return f"---\n{head}\n---\n\n" + "\n".join(lines).rstrip() + "\n"
