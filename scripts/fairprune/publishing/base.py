"""The model that was pruned, as others can find it: never by a path of this machine."""

from dataclasses import dataclass

from fairprune.models.folder import ModelFolder
from fairprune.models.licences import in_readme, stated


@dataclass(frozen=True)
class Base:
    """Where a model is from.

    Attributes:
        hub_id: OWNER/NAME on the hub; None for a local model.
        commit: of the hub's repository.
        weights: digest of its weights; see `identity.weights_digest`.
        licence: `license` and what belongs to it, where its card says it.
    """

    hub_id: str | None
    commit: str | None
    weights: str
    licence: dict[str, str]

    @property
    def name(self) -> str:
        """What it is called where a sentence begins."""
        return self.hub_id or "A local model"


def base_of(folder: ModelFolder) -> Base:
    """What the card of a downloaded model says of it, or the README beside a local one."""
    said = folder.source.parameters
    commit = said.get("commit")
    return Base(
        hub_id=said.get("model_id") if commit else None,
        commit=commit,
        weights=folder.weights_digest,
        licence=stated(said.get("licence") or {}) or in_readme(folder.path / "README.md"),
    )
