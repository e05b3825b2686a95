"""Which parts of a method go together: the comparison group, or the reason why there is none."""

from fairprune.errors import FairpruneError, unknown
from fairprune.pruning.declare import Allocation, Refinement, Score

GROUPS = ("row", "layer", "adaptive")
OTHER_NAMES = {"128-column block": "block"}
SOLVED_OVER = {"block": "blocks of 128 columns", "layer": "the whole layer"}


def comparison_group(
    score: Score, share: Allocation, refine: Refinement | None, group: str | None, pattern: str
) -> str:
    """Where scores are compared: "row", "layer", "adaptive", "N:M", "block" or "blocks".

    Args:
        score: the method's score.
        share: its allocation.
        refine: its refinement, if any.
        group: what was asked for; None: the score's own.
        pattern: "unstructured" or "N:M".

    Raises:
        FairpruneError: parts that make no sense together, with the reason.
    """
    group = OTHER_NAMES.get(group, group) if group else group
    if score.group == "blocks":
        return _whole_blocks(score, share, refine, group, pattern)
    if score.solve and share.rows:
        raise FairpruneError(
            f"allocation {share.name} with {score.name}: its row step needs every row's own "
            f"count, but {score.name} selects over {SOLVED_OVER[score.group]}; take neuroal-block"
        )
    if refine and score.function is None:
        raise FairpruneError(
            f"refinement {refine.name} with {score.name}: it changes the weights together with "
            "the mask, and another mask would need other weights; take a score, as wanda"
        )
    if pattern != "unstructured":
        return _fixed_pattern(share, refine, group, pattern)
    if score.solve and refine is None:
        if group not in (None, score.group):
            raise FairpruneError(
                f"group {group} with {score.name}: it selects over {SOLVED_OVER[score.group]}; "
                "leave the group out"
            )
        return score.group
    return _compared(score, share, refine, group)


def _compared(score: Score, share: Allocation, refine: Refinement | None, group: str | None) -> str:
    searched = "search" in share.needs
    if group is None:
        group = "row" if searched or refine or score.solve else score.group
    if group not in GROUPS:
        raise unknown("group", group, GROUPS)
    if refine and group != "row":
        raise FairpruneError(
            f"refinement {refine.name} with group {group}: it exchanges weights inside rows and "
            "needs a row mask to start from; take group row"
        )
    if searched and group != "row":
        raise FairpruneError(
            f"allocation {share.name} with group {group}: NeuroAL judges and allocates rows; "
            "take group row"
        )
    return group


def _fixed_pattern(
    share: Allocation, refine: Refinement | None, group: str | None, pattern: str
) -> str:
    if share.name != "uniform":
        raise FairpruneError(
            f"allocation {share.name} with pattern {pattern}: the pattern fixes every layer's "
            "sparsity, nothing is left to allocate"
        )
    if refine and "N:M" not in refine.groups:
        raise FairpruneError(
            f"refinement {refine.name} with pattern {pattern}: it exchanges weights anywhere in "
            "a row and would break the pattern"
        )
    if group not in (None, "N:M"):
        raise FairpruneError(
            f"group {group} with pattern {pattern}: the pattern is compared in its own runs of "
            f"{pattern.split(':')[1]} weights; leave the group out"
        )
    return "N:M"


def _whole_blocks(
    score: Score, share: Allocation, refine: Refinement | None, group: str | None, pattern: str
) -> str:
    beside = {
        f"pattern {pattern}": pattern != "unstructured",
        f"allocation {share.name}": share.name != "uniform",
        f"refinement {refine.name if refine else None}": refine is not None,
        f"group {group}": group not in (None, "blocks"),
    }
    for what, given in beside.items():
        if given:
            raise FairpruneError(
                f"{what} with {score.name}: whole blocks go, and no weights of those that stay; "
                "leave it out"
            )
    return "blocks"
