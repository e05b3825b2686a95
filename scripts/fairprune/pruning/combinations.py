"""Which parts of a method go together: the comparison group, or the reason why there is none."""

from fairprune.errors import FairpruneError, unknown
from fairprune.pruning.declare import Allocation, Score

GROUPS = ("row", "layer", "adaptive")


def comparison_group(
    score: Score, share: Allocation, refinement: str | None, group: str | None, pattern: str
) -> str:
    """Where scores are compared: "row", "layer", "adaptive", "N:M" or "block".

    Args:
        score: the method's score.
        share: its allocation.
        refinement: name of its refinement, if any.
        group: what was asked for; None: the score's own.
        pattern: "unstructured" or "N:M".

    Raises:
        FairpruneError: parts that make no sense together, with the reason.
    """
    solved = score.group == "block"
    searched = "search" in share.needs
    if share.rows and solved:
        raise FairpruneError(
            f"allocation {share.name} with {score.name}: its row step needs every row's own "
            "count, but SparseGPT selects over blocks of 128 columns; take neuroal-block"
        )
    if pattern != "unstructured":
        return _fixed_pattern(share, refinement, group, pattern)
    if solved and refinement is None:
        if group not in (None, "block", "128-column block"):
            raise FairpruneError(
                f"group {group} with {score.name}: it selects over blocks of 128 columns; "
                "leave the group out"
            )
        return "block"
    if group is None:
        group = "row" if searched or refinement or solved else score.group
    if group not in GROUPS:
        raise unknown("group", group, GROUPS)
    if refinement and group != "row":
        raise FairpruneError(
            f"refinement {refinement} with group {group}: it exchanges weights inside rows and "
            "needs a row mask to start from; take group row"
        )
    if searched and group != "row":
        raise FairpruneError(
            f"allocation {share.name} with group {group}: NeuroAL judges and allocates rows; "
            "take group row"
        )
    return group


def _fixed_pattern(
    share: Allocation, refinement: str | None, group: str | None, pattern: str
) -> str:
    if share.name != "uniform":
        raise FairpruneError(
            f"allocation {share.name} with pattern {pattern}: the pattern fixes every layer's "
            "sparsity, nothing is left to allocate"
        )
    if refinement:
        raise FairpruneError(
            f"refinement {refinement} with pattern {pattern}: it exchanges weights anywhere in "
            "a row and would break the pattern"
        )
    if group not in (None, "N:M"):
        raise FairpruneError(
            f"group {group} with pattern {pattern}: the pattern is compared in its own runs of "
            f"{pattern.split(':')[1]} weights; leave the group out"
        )
    return "N:M"
