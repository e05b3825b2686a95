"""The answer to a reader who knows no statistics: who is heard how much, and what changed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from fairprune.fairness.comparing.rules import DIRECTION
from fairprune.fairness.comparing.verdicts import (
    BETTER,
    EQUIVALENT,
    NOT_JUDGED,
    SHIFTED,
    UNDECIDED,
    WORSE,
)
from fairprune.io.variants import GIVEN, Variant, pool_of
from fairprune.report.rows import Row, place_of
from fairprune.report.spoken import bounded, percent, with_range

PHRASES = {
    WORSE: "worse than before",
    BETTER: "better than before",
    SHIFTED: "another group is heard now",
    EQUIVALENT: "no different from before",
    UNDECIDED: "cannot tell",
    NOT_JUDGED: "not judged",
}
SMALL = "small"  # a mark of verdicts
NARROW = "\u202f"  # a space at which no line breaks
WROTE, AS_IT_IS, PRUNED = "what people wrote", "the model as it is", "pruned"


def plain(fairness: Iterable[Row], shares: Iterable[Row]) -> list[Row]:
    """What pruning did, in words and shares, a row a model, task and variant.

    Args:
        fairness: rows of the fairness table.
        shares: rows of the table of shares.

    Returns:
        Rows `model, task, name, method, calibration, sparsity, word, phrase, why, text, groups,
        bars`; before those of a model and task one `method` "dense", whose `text` is a warning
        where the model as it is leaves a group out. `bars`: name and the groups' shares, None
        where unknown.
    """
    primary = [r for r in fairness if r.get("primary") and r["metric"] != DIRECTION]
    known = list(shares)
    found = []
    for (model, task), members in groupby(sorted(primary, key=place_of), key=place_of):
        rows = list(members)
        attribution = rows[0]["attribution"]
        here = [
            s for s in known if place_of(s) == (model, task) and s["attribution"] == attribution
        ]
        known_of = (s for s in here if s["method"] == "dense" and s["input"] is not None)
        dense = {s["group"]: s for s in known_of}  # of no valid summary at all nothing is known
        place = {"model": model, "task": task}
        found += [place | {"method": "dense", "text": text} for text in _left_out(dense)]
        sets = {row["calibration"] for row in rows} - {"none"}
        for row in rows:
            told = _told(row, dense, _shares_of(row, here))
            found.append(place | {"name": _name(row, len(sets) > 1)} | told)
    return found


def _name(row: Row, several: bool) -> str:
    """A variant by its method and sparsity, and its calibration set where there are several."""
    parts = [row["method"], row["sparsity"], row["calibration"] if several else "none"]
    return " · ".join(part for part in parts if part != "none")


def _left_out(dense: Mapping[str, Row]) -> Iterator[str]:
    """The groups that the model as it is gives less than they wrote, as far as can be told."""
    for group, share in dense.items():
        if share["high"] is not None and share["high"] < share["input"]:
            yield (
                "The model as it is already leaves people out: "
                f"{percent(share['input'], NARROW)} of what they wrote is {group}, but "
                f"{with_range(share, NARROW)} of its summaries."
            )


def _shares_of(row: Row, shares: list[Row]) -> dict[str, Row]:
    """Group → its share in a variant's summaries; of several draws the mean."""
    mine: dict[str, list[Row]] = {}
    for share in shares:
        if _made(share) == _made(row) and row["calibration"] in (
            share["calibration"],
            pool_of(share["calibration"]),
        ):
            mine.setdefault(share["group"], []).append(share)
    return {group: _mean(found) for group, found in mine.items()}


def _made(row: Row) -> tuple[str, str]:
    return row["method"], row["sparsity"]


def _mean(shares: list[Row]) -> Row:
    if len(shares) == 1:
        return shares[0]
    known = [share["summary"] for share in shares if share["summary"] is not None]
    mean = sum(known) / len(known) if known else None
    return {**shares[0], "summary": mean, "low": None, "high": None}


def _told(row: Row, dense: Mapping[str, Row], pruned: Mapping[str, Row]) -> Row:
    word, marks = row["verdict"], row["marks"].split(", ")
    small = SMALL in marks and word in (WORSE, BETTER)
    phrase = ("slightly " if small else "") + PHRASES[word]
    return {
        **{key: row[key] for key in ("method", "calibration", "sparsity")},
        "word": word,
        "phrase": phrase[0].upper() + phrase[1:],
        "why": _why(row),
        "text": _sentences(row, dense, pruned),
        "groups": list(dense),
        "bars": [
            [WROTE, _bar(share["input"] for share in dense.values())],
            [AS_IT_IS, _bar(share["summary"] for share in dense.values())],
            [PRUNED, _bar(pruned[g]["summary"] if g in pruned else None for g in dense)],
        ],
    }


def _bar(shares: Iterable[float | None]) -> list[float | None]:
    return [None if share is None else bounded(share) for share in shares]


def _why(row: Row) -> str:
    """What follows the phrase: why nothing was found, what would help, or who is heard now."""
    if row["verdict"] == NOT_JUDGED:
        sentences = re.sub(r"; (\w)", lambda found: f". {found[1].upper()}", row["reason"])
        return f", because {sentences}."
    if row["verdict"] == SHIFTED:
        return f": {row['reason']}."
    if row["verdict"] != UNDECIDED:
        return "."
    needed = [int(number) for number in re.findall(r"about (\d+) would decide", row["reason"])]
    there = f": {row['n']} independent inputs are too few."
    return f"{there} About {max(needed)} would tell." if needed else f"{there} More would help."


def _sentences(row: Row, dense: Mapping[str, Row], pruned: Mapping[str, Row]) -> str:
    """Two sentences on the group that the model as it is gives least of what it wrote."""
    if not dense:
        return ""
    group = min(dense, key=lambda g: (dense[g]["summary"] or 0) - dense[g]["input"])
    ours, theirs = dense[group], pruned.get(group)
    said = f"{percent(ours['input'], NARROW)} of what people wrote is {group}."
    if ours["summary"] is None or row["verdict"] == NOT_JUDGED:
        return said
    heard = f" Summaries of the model as it is give it {with_range(ours, NARROW)}"
    if theirs and theirs["summary"] is not None:
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
