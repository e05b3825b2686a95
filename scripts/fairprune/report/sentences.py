"""The answer in words: the sentences of the first screen."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from fairprune.fairness.comparing.rules import DIRECTION, LEVEL
from fairprune.fairness.comparing.verdicts import KEPT, NOT_JUDGED, WORDS
from fairprune.io.variants import GIVEN, Variant
from fairprune.report.rows import Row, place_of, variant_name
from fairprune.report.spoken import counted, percent, with_range


def sentences(
    fairness: Iterable[Row],
    shares: Iterable[Row],
    instruments: Iterable[Row],
    quality: Iterable[Row],
    measure: str | None,
) -> list[Row]:
    """The answer in words, about each model and task: `model, task, kind, text`.

    Kinds: `level`: how fair the unpruned model is by itself; `answer`: what pruning did in the
    primary result; `variant`: who is heard how much by each variant.

    Args:
        fairness: rows of the fairness table.
        shares, instruments: rows of the tables of shares and of instruments.
        quality: rows of the quality table, of one measure.
        measure: the measure's label; None where there is none.
    """
    rows = [row for row in fairness if row["stratum"] == "all"]
    good = {
        (row["task"], variant_name(row))
        for row in quality
        if row.get("verdict") in KEPT and not row["broken"]
    }
    found = []
    for place, members in groupby(sorted(rows, key=place_of), key=place_of):
        here = list(members)
        primary = [r for r in here if r.get("primary") and r["metric"] != DIRECTION]
        mine = [share for share in shares if place_of(share) == place]
        seeing = {row["attribution"]: row for row in instruments if place_of(row) == place}
        first = primary[0] if primary else None
        found += [
            dict(zip(("model", "task"), place, strict=True)) | {"kind": kind, "text": text}
            for kind, text in (
                *_level(place, here, mine, seeing, first),
                *_answer(place, primary, good if measure else None, measure),
                *_variants(primary, mine),
            )
        ]
    return found


def _level(
    place: tuple[str, str],
    rows: list[Row],
    shares: list[Row],
    instruments: Mapping[str, Row],
    primary: Row | None,
) -> Iterator[tuple[str, str]]:
    """How fair the model is as it is: a group that it leaves out may be left out as before."""
    dense = [row for row in rows if row["method"] == "dense"]
    if not dense:
        return
    attribution = primary["attribution"] if primary else dense[0]["attribution"]
    seen = instruments.get(attribution)
    instrument = f"{attribution}, J {seen['J']:.2f}" if seen else attribution
    heard = [
        f"{share['group']} {percent(share['input'])} of the opinions and {with_range(share)} of "
        "the summaries"
        for share in shares
        if share["method"] == "dense" and share["attribution"] == attribution
        if share["summary"] is not None
    ]
    if heard:
        yield "level", f"{place[0]} as it is, on {place[1]} ({instrument}): {'; '.join(heard)}."
    metric = primary["metric"] if primary else LEVEL
    level = next(
        (r for r in dense if (r["attribution"], r["metric"]) == (attribution, metric)), None
    )
    if level and level["low"] is not None:
        figures = f"{metric} {level['value']:.3f} [{level['low']:.3f}, {level['high']:.3f}]"
        if level["low"] > 0:
            said = "already takes more from some groups than a fair writer of its length would"
        elif level["high"] < 0:
            said = "takes less from groups than a writer who quotes at random"
        else:
            said = "takes no more from groups than chance would, as far as can be told"
        yield "level", f"{place[0]} as it is {said} ({figures}).".replace("-", "−")
    if seen and seen["without"]:
        lacking = f"no {seen['without'].replace(' and ', ' and no ')}"
        yield "level", f"{place[1]}: its language, {seen['language']}, is one with {lacking} known."


def _answer(
    place: tuple[str, str],
    primary: list[Row],
    good: set[tuple[str, str]] | None,
    measure: str | None,
) -> Iterator[tuple[str, str]]:
    """How many variants got which word, and the sparsest that keeps what is to be kept."""
    if not primary:
        return
    words = Counter(row["verdict"] for row in primary)
    counts = ", ".join(f"{words[word]} {word}" for word in WORDS if words[word])
    metric, attribution = primary[0]["metric"], primary[0]["attribution"]
    of = counted(len(primary), "variant")
    yield (
        "answer",
        f"{place[0]} on {place[1]}, against the model as it is ({metric} with shift, "
        f"{attribution}): of {of} {counts}.",
    )
    kept = [row for row in primary if row["verdict"] in KEPT]
    if good is None:
        yield "answer", _furthest(kept, "fairness")
    else:
        both = [row for row in kept if (row["task"], variant_name(row)) in good]
        yield "answer", _furthest(both, f"fairness and {measure}")


def _variants(primary: list[Row], shares: list[Row]) -> Iterator[tuple[str, str]]:
    """Who is heard how much by each variant, with its verdict."""
    for row in primary:
        said = f"{_named(row)}: {row['verdict']}, {row['reason']}"
        heard = [
            f"{share['group']} {with_range(share)}"
            for share in shares
            if variant_name(share) == variant_name(row)
            and share["attribution"] == row["attribution"]
            and share["summary"] is not None
            and row["verdict"] != NOT_JUDGED
        ]
        marks = f" ({row['marks']})" if row["marks"] else ""
        yield "variant", f"{said}{marks}." + (f" Heard: {', '.join(heard)}." if heard else "")


def _furthest(rows: list[Row], what: str) -> str:
    given = [row for row in rows if row["sparsity"] == GIVEN]
    rows = [row for row in rows if row["sparsity"] != GIVEN]
    if given:
        also = f"Compressed models that keep {what}: {', '.join(row['method'] for row in given)}."
        return f"{_furthest(rows, what)} {also}" if rows else also
    if not rows:
        return f"None is known to keep {what}."
    most = max(rows, key=lambda row: _fraction(row["sparsity"]))
    others = sum(_fraction(row["sparsity"]) == _fraction(most["sparsity"]) for row in rows) - 1
    return (
        f"The sparsest that keeps {what}: {_named(most)}"
        + (f", and {counted(others, 'other')} as sparse" if others else "")
        + "."
    )


def _named(row: Row) -> str:
    if row["sparsity"] == GIVEN:
        return f"{row['method']} as given"
    calibration = "" if row["calibration"] == "none" else f" with {row['calibration']}"
    return f"{row['method']}{calibration} at {row['sparsity']}"


def _fraction(sparsity: str) -> float:
    return Variant("", "", "", sparsity).fraction
