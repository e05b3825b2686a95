"""What is said of one variant: a word, why, and the shares before and after it in sentences."""

import re
from collections.abc import Iterable, Mapping

from fairprune.fairness.comparing.verdicts import (
    BETTER,
    EQUIVALENT,
    NOT_JUDGED,
    SHIFTED,
    UNDECIDED,
    WORSE,
)
from fairprune.io.variants import GIVEN, Variant
from fairprune.report.rows import Row
from fairprune.report.spoken import NARROW, bounded, percent, points, quoted, with_range

PHRASES = {
    WORSE: "worse than before",
    BETTER: "better than before",
    SHIFTED: "another group is heard now",
    EQUIVALENT: "no different from before",
    UNDECIDED: "cannot tell",
    NOT_JUDGED: "not judged",
}
SMALL = "small"  # a mark of verdicts
WROTE, AS_IT_IS = "what people wrote", "the model as it is"
PRUNED, COMPRESSED = "pruned", "compressed"
HEARD = re.compile(r"(.*) is heard (more|less): ", re.S)
FEW = re.compile(r"(\d+) (?:would decide|could$)")


def told(row: Row, dense: Mapping[str, Row], pruned: Mapping[str, Row]) -> Row:
    """The word of a variant as a phrase, why, the shares in sentences, and as bars.

    Args:
        row: its primary result.
        dense: group → its share in what was written and in the summaries of the model as it is;
            empty where that is not known.
        pruned: the same of the variant.
    """
    word, marks = row["verdict"], row["marks"].split(", ")
    small = SMALL in marks and word in (WORSE, BETTER)
    phrase = ("slightly " if small else "") + PHRASES[word]
    after = {g: s for g, s in pruned.items() if word != NOT_JUDGED and s["summary"] is not None}
    group, grown = _told_of(row, dense, after) if dense else ("", None)
    name = COMPRESSED if row["sparsity"] == GIVEN else PRUNED
    bars = [
        [WROTE, _bar(share["input"] for share in dense.values())],
        [AS_IT_IS, _bar(share["summary"] for share in dense.values())],
        [name, _bar(after[g]["summary"] if g in after else None for g in dense)],
    ]
    return {
        **{key: row[key] for key in ("method", "calibration", "sparsity")},
        "word": word,
        "phrase": phrase[0].upper() + phrase[1:],
        "why": _why(row, grown),
        "text": _sentences(row, dense[group], after.get(group)) if dense else "",
        "groups": list(dense),
        "bars": bars if dense else [],
    }


def _bar(shares: Iterable[float | None]) -> list[float | None]:
    return [None if share is None else bounded(share) for share in shares]


def _told_of(
    row: Row, dense: Mapping[str, Row], after: Mapping[str, Row]
) -> tuple[str, float | None]:
    """The group that the sentences are about, and how much more of its due it lacks than before.

    It is the one that the verdict is due to; where it is due to none, the one that the model as it
    is gives least of what it wrote.
    """
    heard = HEARD.match(row["reason"])
    if row["verdict"] == SHIFTED and heard and heard[1] in dense:
        return heard[1], None
    if row["verdict"] in (WORSE, BETTER) and dense.keys() <= after.keys():
        grown = {g: _lacking(after[g]) - _lacking(dense[g]) for g in dense}
        gained = {g: after[g]["summary"] - dense[g]["summary"] for g in dense}
        chosen = max if row["verdict"] == WORSE else min
        group = chosen(dense, key=lambda g: (grown[g], -gained[g]))
        return group, grown[group]
    return min(dense, key=lambda g: (dense[g]["summary"] or 0) - dense[g]["input"]), None


def _lacking(share: Row) -> float:
    return max(0.0, share["input"] - share["summary"])


def _why(row: Row, grown: float | None) -> str:
    """What follows the phrase: why nothing was found, what would help, or who is heard now."""
    word, reason = row["verdict"], row["reason"]
    if word == NOT_JUDGED:
        sentences = re.sub(
            r"(?:;|:(?= try | it )) (\w)", lambda found: f". {found[1].upper()}", reason
        )
        return f", because {sentences}."
    if word == SHIFTED:
        heard = HEARD.match(reason)
        return f": {quoted(heard[1])} is heard {heard[2]} than before." if heard else "."
    if word == UNDECIDED:
        needed = [int(number) for number in FEW.findall(reason)]
        there = f": {row['units']} independent inputs are too few."
        return f"{there} About {max(needed)} would tell." if needed else f"{there} More would help."
    if grown is not None and points(grown if word == WORSE else -grown) < 1:
        way = "more" if word == WORSE else "less"
        return f": single summaries leave {way} out, though their average hardly shows it."
    return "."


def _sentences(row: Row, ours: Row, theirs: Row | None) -> str:
    """Two sentences on a group: what it wrote; what it gets by the model as it is, and pruned."""
    said = f"{percent(ours['input'], NARROW)} of what people wrote is {quoted(ours['group'])}."
    if ours["summary"] is None or row["verdict"] == NOT_JUDGED:
        return said
    heard = f" Summaries of the model as it is give it {with_range(ours, NARROW)}"
    if theirs:
        heard += f"; {_pruned(row)}, {with_range(theirs, NARROW)}"
    return f"{said}{heard}."


def _pruned(row: Row) -> str:
    if row["sparsity"] == GIVEN:
        return f"compressed as {row['method']}"
    return f"with {removed(row['sparsity'])} of its weights removed"


def removed(sparsity: str) -> str:
    """How much of the weights a sparsity takes, in words: `half`, `30 %`, `2 of every 4`."""
    kept, of, every = sparsity.partition("of")
    if of:
        return f"{int(every) - int(kept)} of every {every}"
    share = Variant("", "", "", sparsity).fraction
    return "half" if share == 0.5 else f"{100 * share:.3g}{NARROW}%"
