"""The answer to a reader who knows no statistics: who is heard how much, and what changed."""

from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import groupby

from fairprune.fairness.comparing.rules import DIRECTION
from fairprune.fairness.comparing.verdicts import NOT_JUDGED
from fairprune.io.variants import GIVEN, pool_of
from fairprune.report.rows import Row, place_of
from fairprune.report.spoken import NARROW, counted, percent, points, quoted, with_range
from fairprune.report.told import told

NOTHING = "No pruned variant has been compared with the model as it is."


def plain(fairness: Iterable[Row], shares: Iterable[Row]) -> list[Row]:
    """What pruning did, in words and shares, a row a model, task and variant.

    Args:
        fairness: rows of the fairness table.
        shares: rows of the table of shares.

    Returns:
        Rows `model, task, name, method, calibration, sparsity, word, phrase, why, text, groups,
        bars`; before those of a model and task one `method` "dense", whose `text` is a warning
        where the model as it is leaves a group out; where no variant is compared, these alone.
        `bars`: name and the groups' shares, None where unknown.
    """
    every, known = list(fairness), list(shares)
    primary = [r for r in every if r.get("primary") and r["metric"] != DIRECTION]
    broken = {
        (*place_of(r), r["attribution"])
        for r in every
        if r["method"] == "dense" and r.get("broken")
    }
    if not primary:
        return list(_alone(known, broken))
    found = []
    for (model, task), members in groupby(sorted(primary, key=place_of), key=place_of):
        rows = list(members)
        attribution = rows[0]["attribution"]
        here = [
            s for s in known if place_of(s) == (model, task) and s["attribution"] == attribution
        ]
        # shares are of inputs with a valid summary: of a broken model's few they say nothing
        sound = (model, task, attribution) not in broken
        dense = _dense(here) if sound else {}
        place = {"model": model, "task": task}
        found += [place | {"method": "dense", "text": text} for text in _left_out(dense)]
        sets = {row["calibration"] for row in rows} - {"none"}
        for row in rows:
            name = {"name": _name(row, len(sets) > 1)}
            found.append(place | name | told(row, dense, _shares_of(row, here)))
    return found


def _dense(shares: Iterable[Row]) -> dict[str, Row]:
    """Group → its share in what was written and in the summaries of the model as it is."""
    return {s["group"]: s for s in shares if s["method"] == "dense" and s["input"] is not None}


def _alone(shares: list[Row], broken: Container[tuple[str, ...]]) -> Iterator[Row]:
    """The warnings under the first attribution where no variant is compared."""
    for (model, task), members in groupby(sorted(shares, key=place_of), key=place_of):
        rows = list(members)
        first = rows[0]["attribution"]
        if (model, task, first) not in broken:
            for text in _left_out(_dense(r for r in rows if r["attribution"] == first)):
                yield {"model": model, "task": task, "method": "dense", "text": text}


def _name(row: Row, several: bool) -> str:
    """A variant by its method and sparsity, and its calibration set where there are several."""
    parts = [row["method"], row["sparsity"], row["calibration"] if several else "none"]
    return " · ".join(part for part in parts if part not in ("none", GIVEN))


def together(variants: list[Row]) -> list[Row]:
    """Variants of a model and task; one row for all where none is judged, for one reason.

    It has `variants`, how many it stands for.
    """
    words = {(row["word"], row["why"]) for row in variants}
    if len(variants) < 2 or len(words) > 1 or variants[0]["word"] != NOT_JUDGED:
        return variants
    number = len(variants)
    return [variants[0] | {"name": counted(number, "variant"), "variants": number}]


def _left_out(dense: Mapping[str, Row]) -> Iterator[str]:
    """The groups that the model as it is gives less than they wrote, as far as can be told."""
    for group, share in dense.items():
        if share["high"] is not None and points(share["high"]) < points(share["input"]):
            yield (
                "The model as it is already leaves people out: "
                f"{percent(share['input'], NARROW)} of what they wrote is {quoted(group)}, but "
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
