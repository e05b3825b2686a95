"""From the evidence of all comparisons to their verdicts: margins, corrections, words, marks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fairprune.fairness.comparing.correction import benjamini_hochberg, holm
from fairprune.fairness.comparing.evidence import Evidence
from fairprune.fairness.comparing.places import Place
from fairprune.fairness.comparing.rules import DIRECTION, LEVEL, TWIN, Rules
from fairprune.fairness.comparing.verdicts import NOT_JUDGED, Judged, Tested, judge
from fairprune.fairness.declare import find_metric


@dataclass(frozen=True)
class Seen:
    """One row: its evidence, and what became of it."""

    evidence: Evidence
    judged: Judged
    marks: str
    primary: bool
    p_holm: float | None
    q_value: float | None
    margin: float | None
    sensitivity: float | None


Tests = dict[tuple[int, str], float | None]  # place, metric → p


def judge_all(places: Sequence[Place], rules: Rules) -> Iterator[tuple[Place, Seen]]:
    """Every row of every place with its verdict, the tests of all corrected together.

    Primary results: Holm over level and direction of all variants that meet the same model.
    Exploratory ones: Benjamini & Hochberg over all that can get a verdict. Total variation takes
    the p and the word of the unfair error rate.
    """
    primary, exploratory = _tests(places, rules)
    corrected = _corrected(places, primary, exploratory)
    for number, place in enumerate(places):
        words = _words(place, number, corrected, rules)
        fragile = _resting(places, number, primary, exploratory, words, rules)
        for name, found in place.evidence.items():
            metric = find_metric(name)
            twin = _follows(place, name)
            key = (number, LEVEL if twin else name)
            adjusted = corrected.get(key, (None, 1))[0]
            if twin:
                found = replace(found, p_value=place.evidence[LEVEL].p_value)
            yield (
                place,
                Seen(
                    evidence=found,
                    judged=words[name],
                    marks=_marks(place, rules, words[name], name in fragile),
                    primary=_first(place, name, rules),
                    p_holm=adjusted if key in primary else None,
                    q_value=adjusted if key in exploratory else None,
                    margin=rules.margin_of(metric, place.attribution),
                    sensitivity=rules.sensitivity[place.attribution],
                ),
            )


def _first(place: Place, name: str, rules: Rules) -> bool:
    """Whether a row is part of a primary result."""
    return name in (rules.primary, DIRECTION) and place.primary(rules)


def _follows(place: Place, name: str) -> bool:
    """Whether a row takes the verdict of the unfair error rate."""
    return name == TWIN and LEVEL in place.evidence


def _tests(places: Sequence[Place], rules: Rules) -> tuple[Tests, Tests]:
    """The p of every row that can get a verdict: those of primary results, and the others."""
    primary: Tests = {}
    exploratory: Tests = {}
    for number, place in enumerate(places):
        for name, found in place.evidence.items():
            metric = find_metric(name)
            if place.refusal or rules.unjudged(metric, place.attribution) or _follows(place, name):
                continue
            family = primary if _first(place, name, rules) else exploratory
            family[number, name] = found.p_value
    return primary, exploratory


def _corrected(
    places: Sequence[Place], primary: Tests, exploratory: Tests
) -> dict[tuple[int, str], tuple[float | None, int]]:
    """Every corrected p, and how many tests it was corrected for."""
    families: dict[str, Tests] = {}
    for key, p in primary.items():
        families.setdefault(places[key[0]].against, {})[key] = p
    corrections = [*((family, holm) for family in families.values())]
    found: dict[tuple[int, str], tuple[float | None, int]] = {}
    for family, correct in [*corrections, (exploratory, benjamini_hochberg)]:
        adjusted = correct(list(family.values()))
        number = sum(p is not None for p in family.values())
        found |= {key: (p, number) for key, p in zip(family, adjusted, strict=True)}
    return found


def _words(
    place: Place,
    number: int,
    corrected: Mapping[tuple[int, str], tuple[float | None, int]],
    rules: Rules,
) -> dict[str, Judged]:
    """The verdict of every row of a place."""

    def tested(name: str) -> Tested:
        margin = rules.margin_of(find_metric(name), place.attribution)
        p, tests = corrected.get((number, name), (None, 1))
        return Tested(place.evidence[name], p, margin or 0.0, max(tests, 1))

    direction = tested(DIRECTION) if DIRECTION in place.evidence else None
    words: dict[str, Judged] = {}
    for name in place.evidence:
        metric = find_metric(name)
        unjudged = rules.unjudged(metric, place.attribution)
        if unjudged and unjudged.word is None:
            words[name] = unjudged
        elif place.refusal:
            words[name] = Judged(NOT_JUDGED, place.refusal)
        elif unjudged:
            words[name] = unjudged
        else:
            own = None if metric.signed or name == DIRECTION else direction
            words[name] = judge(tested(name), own)
    if place.primary(rules) and direction and rules.primary in words and not place.refusal:
        both = judge(tested(rules.primary), direction)
        words |= {rules.primary: both, DIRECTION: both}
    if _follows(place, TWIN) and TWIN in words:
        words[TWIN] = words[LEVEL]
    return words


def _resting(
    places: Sequence[Place],
    number: int,
    primary: Tests,
    exploratory: Tests,
    words: Mapping[str, Judged],
    rules: Rules,
) -> set[str]:
    """The rows whose verdict would be another with the missing summaries at worst or best."""
    found: set[str] = set()
    for other in places[number].alternatives if not places[number].refusal else ():
        changed = [*places]
        changed[number] = replace(places[number], evidence={**places[number].evidence, **other})
        tests = [
            {key: other[key[1]].p_value if key[0] == number and key[1] in other else p
             for key, p in family.items()}
            for family in (primary, exploratory)
        ]  # fmt: skip
        again = _words(changed[number], number, _corrected(places, *tests), rules)
        found |= {name for name in words if again[name].word != words[name].word}
    return found


def _marks(place: Place, rules: Rules, judged: Judged, fragile: bool) -> str:
    marks = {
        "small": judged.small,
        "pool": rules.pool and judged.word is not None,
        f"invalid {place.missing}": place.missing > 0,
        "rests": fragile,
        "this draw": place.draw,
    }
    return ", ".join(mark for mark, holds in marks.items() if holds)
