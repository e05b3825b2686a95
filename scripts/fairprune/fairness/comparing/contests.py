"""Which two models of the same inputs are compared, and on what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fairprune.errors import FairpruneError
from fairprune.fairness import inference
from fairprune.fairness.recompute import arrays_of, valid_rows
from fairprune.fairness.results import Evaluation
from fairprune.fairness.shares import Shares
from fairprune.fairness.strata import masks, stratum_names
from fairprune.io.hashing import derive_seed
from fairprune.io.variants import DENSE


@dataclass(frozen=True)
class Contest:
    """A variant against another model of the same inputs: the dense one, or another variant."""

    variant: str
    against: str
    first: Evaluation
    second: Evaluation


@dataclass(frozen=True)
class Arena:
    """What is the same in all contests of one model on one task.

    `units` of the n inputs; `counts`: resamples × n; `swaps`: the seed of the permutations.
    """

    dense: Evaluation
    units: np.ndarray
    counts: np.ndarray
    swaps: int

    @staticmethod
    def of(dense: Evaluation, seed: int) -> "Arena":
        """The arena of a dense model, with resamples that depend on its inputs and the seed."""
        ids = [entry.id for entry in dense.inputs]
        units = np.array([entry.unit for entry in dense.inputs])
        counts = inference.resample_counts(units, derive_seed(seed, "bootstrap", *ids))
        return Arena(dense, units, counts, derive_seed(seed, "swap", *ids))

    def strata(self) -> Iterator[tuple[str, np.ndarray]]:
        """The name of every stratum, and which inputs belong to it (n, bool)."""
        names = stratum_names(self.dense.groups)
        strata = [entry.stratum for entry in self.dense.inputs]
        yield from zip(names, masks(strata, names), strict=True)


def contests_of(
    dense: Evaluation,
    variants: Mapping[str, Evaluation],
    against: Mapping[str, Mapping[str, str]],
) -> list[Contest]:
    """Every variant against the dense model, then those that meet another variant.

    Args:
        against: name → which variant meets which other one under that name.

    Raises:
        FairpruneError: a variant was evaluated on other inputs or with other settings, or one that
            is named is not there.
    """
    for name, variant in variants.items():
        _check(name, variant, dense)
    found = [Contest(name, DENSE, dense, variant) for name, variant in variants.items()]
    for label, pairs in against.items():
        for name, other in pairs.items():
            for asked in (name, other):
                if asked not in variants:
                    raise FairpruneError(f"{asked!r} is to be compared and is no variant here")
            found.append(Contest(name, label, variants[other], variants[name]))
    return found


def arrays(evaluation: Evaluation, attribution: str, kind: str) -> Shares | None:
    """The arrays of one attribution, `shares` or `coverage`; None where it gives none of them."""
    if kind == "coverage":
        known = attribution in evaluation.coverage
    else:
        known = any(share.attribution == attribution for share in evaluation.shares)
    return arrays_of(evaluation, attribution, kind) if known else None


def common(contests: Sequence[Contest], attribution: str, kind: str) -> list[tuple[Shares, Shares]]:
    """The arrays of several contests over the inputs that are valid in all of them.

    Empty where the attribution gives no arrays of that kind.
    """
    found = [
        (arrays(contest.first, attribution, kind), arrays(contest.second, attribution, kind))
        for contest in contests
    ]
    pairs = [(one, other) for one, other in found if one is not None and other is not None]
    if len(pairs) < len(found):
        return []
    every = np.all([valid_rows(part) for pair in pairs for part in pair], axis=0)
    return [(one.only(every), other.only(every)) for one, other in pairs]


def _check(name: str, variant: Evaluation, dense: Evaluation) -> None:
    def described(evaluation: Evaluation) -> dict[str, object]:
        chosen = ("pair", "ignore", "options", "language", "samples")
        return {
            "inputs": evaluation.inputs,
            "groups": evaluation.groups,
            "attributions": list(evaluation.attributions),
            **{key: evaluation.settings.get(key) for key in chosen},
        }

    ours, theirs = described(variant), described(dense)
    for key, value in ours.items():
        if value != theirs[key]:
            raise FairpruneError(
                f"{name} and the dense model differ in their {key}: evaluate both on the same "
                "inputs with the same options"
            )
