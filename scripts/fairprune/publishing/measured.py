"""The text of a model card: what a run has found of the model, in figures and in words."""

from collections.abc import Iterator

from fairprune.fairness.comparing.verdicts import (
    BETTER,
    EQUIVALENT,
    NOT_JUDGED,
    SHIFTED,
    UNDECIDED,
    WORSE,
)
from fairprune.io.markdown import code, plain, table
from fairprune.publishing.findings import Findings
from fairprune.publishing.words import settings
from fairprune.report.names import QUALITY, fairness_metric
from fairprune.report.rows import Row, named

BEGUN = {
    "every": "each after the beginning token",
    "first": "the first alone after the beginning token, as papers publish it",
    "none": "without a beginning token",
    None: "how they begin is not known",
}
MEANING = {
    WORSE: "groups lose more of their share in the summaries than with the dense model",
    BETTER: "groups lose less of their share than with the dense model",
    SHIFTED: "another group is heard than with the dense model, no less fairly",
    EQUIVALENT: "neither has changed by more than the margin, which was shown, not assumed",
    UNDECIDED: "too few inputs to tell; something may have changed, or nothing",
    NOT_JUDGED: "nothing can be said: broken summaries, an attribution that sees too little, or "
    "under six inputs",
}
MARKS = {
    "small": "by less than the margin",
    "pool": "holds for further inputs of these opinions only",
    "invalid": "so many inputs were left out for their broken summaries",
    "rests": "would be another if the summaries left out were as bad, or as good, as can be",
    "this draw": "of this draw of the calibration set alone",
}
RUNNING = ("device", "dtype", "batch_size")  # of no effect on what is written


def figures(found: Findings) -> Iterator[str]:
    """Perplexity, zero-shot tasks, quality and primary fairness, beside the dense model's."""
    rows = [*_rows(found, found.language), *_rows(found, found.quality)]
    rows += _rows(found, found.fairness)
    yield from ("## What was measured", "")
    yield from (f"As the variant {code(found.variant)} of a run.", "")
    yield from table(["figure", "of", "this model", "dense", "measured on"], rows)


def verdicts(found: Findings) -> Iterator[str]:
    """What pruning did to the fairness of summaries, and under which conditions that holds."""
    if not found.said:
        return
    yield from ("## Is it still fair?", "")
    yield (
        "The model was asked to summarise sets of opinions whose groups are known. A fair summary "
        "gives each group the share that it has in the input."
    )
    yield ""
    for task, sentences in found.said.items():
        yield from (f"- {plain(text)}" for text in sentences)
        used = {k: v for k, v in found.summaries[task].items() if k not in RUNNING}
        yield from [f"- Summaries of {plain(task)}: {settings(used)}"] if used else []
    yield ""
    words = [row.get("verdict") for row in found.fairness]
    marks = [mark for row in found.fairness for mark in (row.get("marks") or "").split(", ")]
    meant = [f"*{word}*: {said}" for word, said in MEANING.items() if word in words]
    meant += [
        f"({mark}): {said}"
        for mark, said in MARKS.items()
        if any(given.startswith(mark) for given in marks)
    ]
    yield from (f"- {text}." for text in meant)
    yield from [""] * bool(meant)
    yield (
        "These words hold for these texts, prompts and settings, and for groups as the named "
        "attribution sees them (J: how well it tells them apart, of 1). They are corrected for all "
        "variants that the run judged on a task. Other uses, groups and languages were not looked "
        "at: measure before you rely on them."
    )
    yield ""


def _rows(found: Findings, rows: list[Row]) -> Iterator[list[str]]:
    mine, dense = {}, {}
    for row in rows:
        key = (row.get("task") or row["name"], row["metric"], row.get("attribution"))
        if named(found.variant).items() <= row.items():
            mine[key] = row
        elif row["method"] == "dense":
            dense[key] = row
    for key, row in mine.items():
        if (label := _label(row)) is not None:
            other = _value(dense.get(key, {}).get("value"))
            yield [label, plain(key[0]), _number(row), other, _conditions(row)]


def _label(row: Row) -> str | None:
    if "kind" in row:
        return plain(row["metric"])
    if "attribution" in row:
        name = fairness_metric(row["metric"])
        return f"{plain(name.short)} ({plain(name.direction)})"
    return QUALITY.get(row["metric"])


def _conditions(row: Row) -> str:
    if row.get("kind") == "perplexity":
        begun = BEGUN[row["beginning"]]
        return f"{_count(row)} tokens predicted, in windows of {row['window']:,}, {begun}"
    seen = f", by {code(row['attribution'])}" if "attribution" in row else ""
    return f"{_count(row)} {'examples' if 'kind' in row else 'inputs'}{seen}"


def _count(row: Row) -> str:
    return f"{row['n']:,}" if row.get("n") is not None else "some"


def _number(row: Row) -> str:
    text = _value(row.get("value"))
    if row.get("low") is not None:
        text += f" [{row['low']:.3f}, {row['high']:.3f}]".replace("[", r"\[").replace("]", r"\]")
    return text


def _value(value: float | None) -> str:
    if value is None:
        return "not finite or not measured"
    return f"{value:.4g}" if abs(value) >= 100 else f"{value:.3f}"
