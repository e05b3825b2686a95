"""Annotation sheets: pairs of summaries of one input, a variant's and another model's.

Neither order nor names tell which is which; the key, a file of its own, does.
"""

import csv
import io
import random
from collections.abc import Sequence
from pathlib import Path

from fairprune.data.tasks import Task, open_task
from fairprune.errors import FairpruneError
from fairprune.fairness.clusters import units_of
from fairprune.fairness.comparing.meetings import met_by
from fairprune.fairness.inputs import Item, first_samples, match
from fairprune.fairness.step import names_of
from fairprune.human.answers import QUESTIONS
from fairprune.io.atomic import write_text
from fairprune.io.cards import card_path, write_card
from fairprune.io.csv_files import plain
from fairprune.io.hashing import derive_seed, sha256_data
from fairprune.io.opened import open_input
from fairprune.io.tables import read_rows, write_json
from fairprune.io.variants import DENSE

SHOWN = ("pair", "opinions", "summary_a", "summary_b")


def prepare_annotation(
    dense: Path,
    summaries: Sequence[Path],
    task: Path,
    output: Path,
    *,
    key: Path,
    against: Sequence[str] = (),
    inputs: int = 20,
    seed: int = 42,
) -> list[Path]:
    """Write a sheet to fill in (CSV) and its key (JSON), with one card for both.

    The inputs are drawn by seed and are the same for every variant; rows and sides are shuffled.
    A pair's name is a digest of its texts, so an old sheet is never read with a newer key. Where
    both models wrote the same, nobody is asked: the key counts a tie. Of several samples of an
    input the first is shown.

    Args:
        dense: the dense model's summaries of the task.
        summaries: those of each variant.
        task: the task's inputs.
        output: the sheet.
        key: which side of each pair is whose.
        against: methods that the others' variants are compared with, too.
        inputs: at most so many inputs.
        seed: root seed.

    Raises:
        FairpruneError: a mistake in the files, two variants of one name, or no pair that differs.
    """
    if key.resolve() == output.resolve():
        raise FairpruneError(f"--key {key} is the sheet itself: annotators must not see the key")
    asked, sources = open_task(task), {"dense": open_input(dense)}
    first = _firsts(asked, dense)
    others: dict[str, list[Item]] = {}
    for path in summaries:
        name, _ = names_of(path, task)
        if name in others:
            raise FairpruneError(f"--summaries {path}: a second file of variant {name!r}")
        sources[f"summaries {name}"] = open_input(path)
        others[name] = _firsts(asked, path)
    rng = random.Random(derive_seed(seed, "annotation", *(item.id for item in first)))
    chosen = sorted(rng.sample(range(len(first)), min(inputs, len(first))))
    units = units_of([first[number].opinions for number in chosen]).numbers
    meetings = [(name, DENSE, first) for name in others]
    for method in against:
        meetings += [(name, method, others[o]) for name, o in met_by(method, [*others]).items()]
    shown, pairs, identical = [], {}, []
    for name, whom, theirs in meetings:
        for number, unit in zip(chosen, units.tolist(), strict=True):
            ours, other = others[name][number], theirs[number]
            about = {"input": ours.id, "variant": name, "against": whom, "unit": unit}
            sides = {"variant": ours.summary, "against": other.summary}
            if sides["variant"].strip() == sides["against"].strip():
                identical.append(about)
                continue
            a, b = rng.sample(sorted(sides), 2)
            pair = f"p{sha256_data([about, sides, a])[:9]}"  # no spreadsheet takes it for a number
            pairs[pair] = {**about, "a": a, "b": b}
            seen = min(other.opinions, ours.opinions, key=len)
            shown.append((pair, "\n".join(seen), sides[a], sides[b]))
    if not shown:
        raise FairpruneError("every summary is the other model's own: there is nothing to compare")
    rng.shuffle(shown)
    _, of = names_of(dense, task)
    card_path(output).unlink(missing_ok=True)
    write_text(output, _csv(shown))
    write_json(key, {"task": of, "pairs": dict(sorted(pairs.items())), "identical": identical})
    write_card(
        output,
        stage="prepare_annotation",
        files=[output, key],
        parameters={
            "task": of,
            "inputs": inputs,
            "against": list(against),
            "questions": list(QUESTIONS),
        },
        inputs={"task": asked.source, **sources},
        seed=seed,
        figures={"pairs": len(pairs), "identical": len(identical)},
    )
    return [output, key]


def _firsts(task: Task, summaries: Path) -> list[Item]:
    """The inputs, each with its first summary."""
    return first_samples(match(task.inputs, read_rows(summaries)))


def _csv(rows: Sequence[tuple[str, ...]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")  # as spreadsheets write it
    writer.writerow([*SHOWN, *QUESTIONS])
    writer.writerows([*map(plain, row), *("" for _ in QUESTIONS)] for row in rows)
    return stream.getvalue()
