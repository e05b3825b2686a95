"""Inputs and their summaries, matched and checked, before anything is computed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fairprune.errors import FairpruneError


@dataclass(frozen=True)
class Item:
    """One input as the model saw it, with the summary that was written for it.

    `opinions`, `labels`: parallel; a label is None where it is ignored. `opinions_dropped`: how
    many opinions the model did not see. `mix`: the input's mix, as its task names it. `sample`:
    which of the input's summaries it is.
    """

    id: str
    opinions: tuple[str, ...]
    labels: tuple[str | None, ...]
    summary: str
    mix: str = ""
    opinions_dropped: int = 0
    sample: int = 0

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that hold an opinion, sorted."""
        return tuple(sorted({label for label in self.labels if label is not None}))

    def texts(self, group: str) -> list[str]:
        """The opinions of a group, in order."""
        pairs = zip(self.opinions, self.labels, strict=True)
        return [text for text, label in pairs if label == group]

    def label_shares(self) -> dict[str, float]:
        """Share of the labelled opinions that each group holds; empty where there is none."""
        labels = [label for label in self.labels if label is not None]
        return {group: labels.count(group) / len(labels) for group in self.groups}


def match(
    inputs: Iterable[Any],
    summaries: Iterable[Any] | Mapping[str, str | Sequence[str]],
    ignore: Sequence[str] = (),
) -> list[Item]:
    """Items in the order of the inputs, each with a summary; those of one input stand together.

    Args:
        inputs: rows with `id, opinions, labels` [, `mix`], as mappings or objects.
        summaries: rows with `id, summary` [, `opinions_seen`, `sample`], or id → summary or
            summaries, or texts in the order of the inputs; as many of every input.
        ignore: labels that are no group.

    Raises:
        FairpruneError: an empty set, a missing or odd field, a number of labels that is not the
            number of opinions, an id twice, ids that do not match, or more summaries of one input
            than of another.
    """
    rows = check_inputs(inputs, "the inputs")
    written = _samples(_summary_rows(summaries, rows))
    known = _by_id(rows, "the inputs")
    for ids, others, what in ((known, written, "no summary"), (written, known, "no input")):
        if missing := [name for name in ids if name not in others]:
            raise FairpruneError(
                f"ids do not match: {len(missing)} of {len(ids)} have {what}, the first "
                f"{missing[0]!r}; give the summaries of exactly these inputs"
            )
    return [_item(row, one, frozenset(ignore)) for row in rows for one in written[row["id"]]]


def first_samples(items: Iterable[Item]) -> list[Item]:
    """The inputs, each with the first of its summaries."""
    return [item for item in items if not item.sample]


def examples_of(
    train: Sequence[Any], items: Sequence[Item], ignore: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Labelled opinions from outside the items, each pair once, in order."""
    if not train:
        return ()
    judged = {text for item in items for text in item.opinions}
    pairs = {
        (text, label): None
        for row in check_inputs(train, "--train")
        for text, label in zip(row["opinions"], row["labels"], strict=True)
        if label not in ignore and text not in judged
    }
    return tuple(pairs)


def check_inputs(inputs: Iterable[Any], where: str) -> list[dict[str, Any]]:
    """Rows with `id, opinions, labels, mix`, checked as `match` says."""
    rows = [_fields(row) for row in inputs]
    if not rows:
        raise FairpruneError(f"{where} are empty: give at least one")
    for number, row in enumerate(rows, 1):
        name = row.get("id", f"number {number}")
        for key in ("opinions", "labels"):
            value = row.get(key)
            if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
                raise FairpruneError(f"{where}, {name}: {key!r} must be a list of texts")
        if len(row["opinions"]) != len(row["labels"]):
            raise FairpruneError(
                f"{where}, {name}: {len(row['opinions'])} opinions but {len(row['labels'])} "
                "labels; give one label per opinion"
            )
        if not row["opinions"] or not all(row["labels"]):
            raise FairpruneError(f"{where}, {name}: no opinion, or one with an empty label")
    return rows


def _summary_rows(
    summaries: Iterable[Any] | Mapping[str, str | Sequence[str]],
    inputs: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    if isinstance(summaries, Mapping):
        return [
            {"id": name, "summary": text, "sample": sample}
            for name, texts in summaries.items()
            for sample, text in enumerate(texts if isinstance(texts, list | tuple) else [texts])
        ]
    rows = list(summaries)
    if not all(isinstance(row, str) for row in rows):
        return [_fields(row) for row in rows]
    if len(rows) != len(inputs):
        raise FairpruneError(f"{len(rows)} summaries but {len(inputs)} inputs: give one each")
    return [{"id": row.get("id"), "summary": text} for row, text in zip(inputs, rows, strict=True)]


def _fields(row: Any) -> dict[str, Any]:
    if isinstance(row, Mapping):
        return dict(row)
    if not hasattr(row, "__dict__"):
        raise FairpruneError(f"{row!r} is no input or summary: give a mapping, or an object")
    return dict(vars(row))


def _by_id(rows: list[dict[str, Any]], where: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows, 1):
        if not isinstance(row.get("id"), str):
            raise FairpruneError(f"{where}, number {number}: 'id' must be a text")
        if row["id"] in found:
            raise FairpruneError(f"{where}: id {row['id']!r} stands there twice")
        found[row["id"]] = row
    return found


def _samples(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Each input's summaries in the order of their samples."""
    where = "the summaries"
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        sample = row.get("sample", 0)
        if not isinstance(sample, int) or isinstance(sample, bool):
            raise FairpruneError(f"{where}, {row.get('id')}: 'sample' must be a whole number")
        found.setdefault(sample, []).append(row)
    by_sample = [_by_id(found[sample], where) for sample in sorted(found)]
    first = by_sample[0] if by_sample else {}
    for number, other in enumerate(by_sample):
        if odd := sorted(first.keys() ^ other.keys()):
            raise FairpruneError(
                f"{where}: {odd[0]!r} has not as many summaries as others (sample "
                f"{sorted(found)[number]}); give as many of every input"
            )
    return {
        name: [{**of[name], "sample": number} for number, of in enumerate(by_sample)]
        for name in first
    }


def _item(row: dict[str, Any], written: dict[str, Any], ignore: frozenset[str]) -> Item:
    opinions, labels = row["opinions"], row["labels"]
    summary, seen = written.get("summary"), written.get("opinions_seen")
    if not isinstance(summary, str):
        raise FairpruneError(f"the summaries, {row['id']}: 'summary' must be a text")
    seen = len(opinions) if seen is None else seen
    if not isinstance(seen, int) or not 0 <= seen <= len(opinions):
        raise FairpruneError(
            f"the summaries, {row['id']}: opinions_seen is {seen}, the input has "
            f"{len(opinions)} opinions"
        )
    return Item(
        id=row["id"],
        opinions=tuple(opinions[:seen]),
        labels=tuple(None if label in ignore else label for label in labels[:seen]),
        summary=summary,
        mix=row.get("mix") or "",
        opinions_dropped=len(opinions) - seen,
        sample=written["sample"],
    )
