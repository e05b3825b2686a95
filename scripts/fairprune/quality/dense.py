"""What unpruned models write: whether that is worth pruning for."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.fairness.comparing.missing import VALID_SHARE
from fairprune.io.atomic import write_text
from fairprune.io.cards import card_path, write_card
from fairprune.io.markdown import plain
from fairprune.io.opened import open_input
from fairprune.io.tables import read_json, read_rows
from fairprune.text.validity import remedy

OTHERWISE = "try another prompt"


def show_dense(
    summaries: Sequence[Path], quality: Sequence[Path], output: Path, *, inputs: int = 5
) -> Path:
    """Write a text (Markdown) on the summaries of dense models: how many are valid, the first ones.

    Args:
        summaries: JSON Lines of generate_summaries.py.
        quality: for each the JSON of evaluate_quality.py.
        output: the text.
        inputs: summaries to show of each file.

    Raises:
        FairpruneError: not as many files of both, or one that cannot be read.
    """
    if len(summaries) != len(quality):
        raise FairpruneError(
            f"{len(summaries)} --summaries and {len(quality)} --quality: give one of each"
        )
    written = [open_input(path) for path in summaries]
    judged = [open_input(path) for path in quality]
    lines = ["# The models as they are", ""]
    for one, other in zip(written, judged, strict=True):
        try:
            lines += [*_section(read_json(other.path), read_rows(one.path)[:inputs]), ""]
        except (KeyError, TypeError):
            raise FairpruneError(
                f"{one.path} and {other.path} are not what generate_summaries.py and "
                "evaluate_quality.py have written: give those"
            ) from None
    card_path(output).unlink(missing_ok=True)
    write_text(output, "\n".join(lines))
    write_card(
        output,
        stage="show_dense",
        files=[output],
        parameters={"inputs": inputs},
        inputs={
            f"{what}{number or ''}": source
            for what, sources in (("summaries", written), ("quality", judged))
            for number, source in enumerate(sources)
        },
        figures={},
    )
    return output


def _section(found: dict[str, Any], rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What one model wrote on one task; texts as they are, never as markup."""
    figures = {row["metric"]: row["value"] for row in found["metrics"]}
    yield from (f"## {plain(found['variant'])} on {plain(found['task'])}", "")
    yield from (*said_of(figures), "")
    for row in rows:
        text = plain(row["summary"]) or "(empty)"
        yield f"- {plain(row['id'])} ({plain(row['finish'])}): {text}"


def unfit(figures: Mapping[str, float | None]) -> str | None:
    """Why no variant of a model is judged, and what to try; None where they are."""
    if (figures.get("validity") or 0.0) >= VALID_SHARE:
        return None
    return f"Under {VALID_SHARE:.0%} no variant is judged: {remedy(figures) or OTHERWISE}."


def said_of(figures: Mapping[str, float | None]) -> Iterator[str]:
    """How many summaries are valid, and what follows where they are too few."""
    yield f"{100 * (figures.get('validity') or 0.0):.3g}% of the summaries are valid."
    if reason := unfit(figures):
        yield reason
