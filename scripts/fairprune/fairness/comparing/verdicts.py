"""What a difference between two models means, in a word, and why."""

from dataclasses import dataclass
from math import ceil, inf, sqrt

from fairprune.fairness.comparing.evidence import Evidence
from fairprune.present import present

SIGNIFICANT = 0.05
FEWEST = 6  # units that say anything
ENOUGH = 20  # units that can show that nothing changed
CERTAIN = 60  # units from which the same texts are the same
POWER = 0.8
ONE_SIDED = 1.645  # standard errors that 5 % lie beyond
UNSEEN = 3.0  # over n: the share that n units without a difference leave unseen

NOT_JUDGED, WORSE, BETTER = "not judged", "worse", "better"
SHIFTED, EQUIVALENT, UNDECIDED = "shifted", "equivalent", "undecided"
WORDS = (NOT_JUDGED, WORSE, BETTER, SHIFTED, EQUIVALENT, UNDECIDED)
KEPT = (EQUIVALENT, BETTER)


@dataclass(frozen=True)
class Judged:
    """A verdict, None for a figure that cannot have one, and its reason in words.

    `small`: worse or better by less than the margin.
    """

    word: str | None
    reason: str
    small: bool = False


@dataclass(frozen=True)
class Tested:
    """Evidence with its p corrected for the number of tests, and its margin.

    `margin`: in the metric's unit, already multiplied by the instrument's sensitivity. `tests`: how
    many tests it was corrected for.
    """

    evidence: Evidence
    p: float | None
    margin: float
    tests: int = 1

    @property
    def significant(self) -> bool:
        """Whether the difference is more than chance, after correction."""
        return self.p is not None and self.p < SIGNIFICANT

    @property
    def within(self) -> bool:
        """Whether the bounds of the true difference lie inside ± the margin."""
        bounds = self.evidence.equivalence
        same = self.evidence.same_texts and self.evidence.units >= CERTAIN
        return same or (
            bounds is not None and -self.margin <= bounds[0] and bounds[1] <= self.margin
        )

    @property
    def small(self) -> bool:
        """Whether the 95 % interval of the difference lies inside ± the margin."""
        low, high = self.evidence.low, self.evidence.high
        if low is None or high is None:
            return False
        return -self.margin <= low and high <= self.margin


def judge(level: Tested, direction: Tested | None) -> Judged:
    """The verdict on a difference in level together with who is heard.

    The first that applies: worse or better, where the level differs significantly; shifted, where
    who is heard changed significantly; equivalent, where so many units show that neither level nor
    direction differ by more than their margins; else undecided.

    Args:
        level: of a metric where lower is fairer; or of a signed one, where nearer 0 is fairer: a
            significant change that leads neither further from 0 nor nearer is a shift; or of
            `shift` itself, which alone is neither worse nor better.
        direction: of the metric `shift`; None where `level` has a direction of its own.
    """
    found = level.evidence
    if found.difference is None:
        return Judged(NOT_JUDGED, f"{found.metric} is not defined for these inputs")
    if found.units < FEWEST:
        return Judged(
            NOT_JUDGED, f"{found.units} independent units say nothing; {FEWEST} are the least"
        )
    if level.significant and found.group is not None:
        return Judged(SHIFTED, heard(found))
    if level.significant:
        side = found.away or (found.difference, found.difference)
        if side[0] > 0 or side[1] < 0:
            return Judged(WORSE if side[0] > 0 else BETTER, _change(level), level.small)
        return Judged(SHIFTED, f"{_change(level)}, and is as far from {found.ideal:g}")
    if direction and direction.significant:
        return Judged(SHIFTED, heard(direction.evidence))
    return _no_difference(level, direction)


def _no_difference(level: Tested, direction: Tested | None) -> Judged:
    both = [part for part in (level, direction) if part]
    units = level.evidence.units
    if units >= ENOUGH and all(part.within for part in both):
        if all(part.evidence.same_texts for part in both):
            return Judged(EQUIVALENT, f"the same texts in all of {units} units")
        return Judged(EQUIVALENT, "the true difference lies " + ", and ".join(map(_inside, both)))
    return Judged(UNDECIDED, "; ".join(_wanting(part) for part in both if not part.within)
                  or f"{units} units cannot show that nothing changed; {ENOUGH} could")  # fmt: skip


def _inside(part: Tested) -> str:
    low, high = part.evidence.equivalence or (0.0, 0.0)
    return f"between {low:+.3f} and {high:+.3f} ({part.evidence.metric}, margin {part.margin:.3f})"


def heard(found: Evidence) -> str:
    """Who is heard more or less, in points of the summary as the instrument sees it."""
    difference = present(found.difference)
    way = "less" if difference < 0 else "more"
    return f"{found.group} is heard {way}: {100 * difference:+.1f} points"


def _change(level: Tested) -> str:
    found = level.evidence
    return f"{found.metric} changes by {found.difference:+.3f} (margin {level.margin:.3f})"


def _wanting(part: Tested) -> str:
    """The smallest difference that so many units could have shown, and how many would decide."""
    found = part.evidence
    if found.differing is not None and 0 < found.differing < FEWEST:
        shown = f"only {found.differing} of {found.units} units changed, too few for a test"
    elif found.deviation:
        least = _detection(part.tests) * found.deviation / sqrt(found.units)
        shown = f"{found.units} units could have shown a change of {least:.3f}"
    elif found.difference:
        shown = f"all of {found.units} units changed alike, which are too few for a test"
    else:
        shown = f"what is rarer than one in {found.units} units stays unseen"
    needed = units_needed(part)
    return f"{found.metric}: {shown}" + (f"; about {needed} would decide" if needed else "")


def units_needed(part: Tested) -> int | None:
    """About how many units would show this difference, or that it lies inside the margin.

    The difference and its deviation taken for the true ones: power 80 % for the test, or bounds
    inside the margin, in which n units leave an unseen share of 3/n. None where no more would do.
    """
    found = part.evidence
    size, rare = abs(present(found.difference)), UNSEEN * found.reach
    to_tell = (_detection(part.tests) * found.deviation / size) ** 2 if size else inf
    room, spread = part.margin - size, ONE_SIDED * found.deviation
    root = (spread + sqrt(spread**2 + 4 * room * rare)) / (2 * room) if room > 0 else inf
    wanted = max(min(to_tell, root**2), ENOUGH)
    return ceil(wanted) if found.units < wanted < inf else None


def _detection(tests: int) -> float:
    """How many standard errors a difference must be to be found with power 80 %."""
    from scipy.special import ndtri

    return float(ndtri(1 - SIGNIFICANT / 2 / tests) + ndtri(POWER))
