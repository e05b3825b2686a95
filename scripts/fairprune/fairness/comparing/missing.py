"""Summaries that are none: how many, and what they could have been."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from fairprune.fairness.comparing.changes import extreme_shares
from fairprune.fairness.comparing.contests import Contest, arrays
from fairprune.fairness.recompute import valid_rows
from fairprune.fairness.results import Evaluation
from fairprune.fairness.shares import Shares, mean_over_groups

VALID_SHARE = 0.9  # of the summaries; broken output often looks fair
KINDS = ("shares", "coverage")


def validity(evaluation: Evaluation, attribution: str) -> float | None:
    """The share of valid summaries, of inputs with two groups; one number an attribution."""
    shares = _known(evaluation, attribution)
    countable = _countable(evaluation).sum() * evaluation.samples
    return float(shares.valid.sum() / countable) if shares is not None and countable else None


def left_out(evaluation: Evaluation, attribution: str) -> int:
    """How many inputs with two groups have no valid summary under the attribution."""
    shares = _known(evaluation, attribution)
    return 0 if shares is None else int((_countable(evaluation) & ~valid_rows(shares)).sum())


def filled(contest: Contest, attribution: str) -> Iterator[tuple[Shares, Shares]]:
    """The arrays of both with the missing summaries at their worst and best; none if none is.

    Missing summaries of a model are taken for exactly fair ones, and for ones that hold one group
    alone, each group in turn; where both miss some, each way of one with each of the other.
    """
    first = arrays(contest.first, attribution, "shares")
    second = arrays(contest.second, attribution, "shares")
    if first is None or second is None:
        return
    both = ((first, contest.first), (second, contest.second))
    missing = [np.repeat(_countable(of), part.samples) & ~part.valid for part, of in both]
    if not any(rows.any() for rows in missing):
        return
    one, other = (_with_inputs(part, of, attribution) for part, of in both)
    yield from product(_ways(one, missing[0]), _ways(other, missing[1]))


def _known(evaluation: Evaluation, attribution: str) -> Shares | None:
    """What an attribution gives; None where it gives nothing."""
    found = (arrays(evaluation, attribution, kind) for kind in KINDS)
    return next((shares for shares in found if shares is not None), None)


def _countable(evaluation: Evaluation) -> np.ndarray:
    """Which inputs hold two groups or more, n, bool."""
    return np.array([entry.stratum is not None for entry in evaluation.inputs])


def _with_inputs(shares: Shares, evaluation: Evaluation, attribution: str) -> Shares:
    """The same with p also where there is no valid summary."""
    number = {entry.id: i for i, entry in enumerate(evaluation.inputs) if entry.stratum is not None}
    column = {group: k for k, group in enumerate(evaluation.groups)}
    p = shares.p.copy()
    for row in evaluation.shares:
        if row.attribution == attribution and row.id in number and row.p is not None:
            p[number[row.id] * shares.samples + row.sample, column[row.group]] = row.p
    return replace(shares, p=p)


def _ways(shares: Shares, missing: np.ndarray) -> list[Shares]:
    """The shares with every extreme in the rows of a mask, whose summary is missing; at least one.

    Such a summary has the mean chance of the valid ones.
    """
    if not missing.any():
        return [shares]
    rows = missing[:, None]
    expected = {
        name: np.where(rows, mean_over_groups(values.T), values)
        for name, values in shares.chance.items()
    }
    return [
        replace(shares, q=np.where(rows, extreme.q, shares.q), chance=expected)
        for extreme in extreme_shares(shares)
    ]
