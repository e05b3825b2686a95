"""Which files the report of a run is: one page, or an index with a page a model and task."""

from pathlib import Path
from typing import Any

from fairprune import __version__
from fairprune.io.atomic import write_text
from fairprune.io.cards import write_card
from fairprune.io.ownership import Target, refuse_foreign
from fairprune.report.content import content
from fairprune.report.page import render, style, template, title
from fairprune.report.provenance import provenance
from fairprune.report.results import Results
from fairprune.report.spoken import counted

MOST_SUMMARIES = 15_000  # a page with so many is under 25 MB


def build_report(results: Results, output: Path, most_inputs: int = 200) -> Path:
    """Write the report and return the path of its page, or of its index.

    A run with more summaries to browse than `MOST_SUMMARIES` gets a page for each model and
    task, `{output without .html}/MODEL/TASK.html`, with a sample of its inputs, and an index.

    Args:
        results: from `find_results`.
        output: the HTML file.
        most_inputs: how many inputs of a task the input browser holds at most.
    """
    sources = provenance(results.folder)
    if summaries(results, most_inputs) <= MOST_SUMMARIES:
        write_text(output, render(content(results, most_inputs), sources))
        return _with_card(output, results, [output])
    files = [output.with_suffix("") / model / f"{task}.html" for model, task in results.places]
    refuse_foreign(Target(output, (output, *files)), "build_report")
    pages = []
    for (model, task), file in zip(results.places, files, strict=True):
        part = results.only(model, task)
        data = content(part, sampled(part, most_inputs))
        write_text(file, render(data, sources, f"../../{output.name}"))
        pages.append(_entry(model, task, data, file.relative_to(output.parent).as_posix()))
    write_text(
        output,
        template("index.html.j2").render(
            title=title(list(dict.fromkeys(page["model"] for page in pages))),
            pages=pages,
            style=style(),
            version=__version__,
            **sources,
        ),
    )
    return _with_card(output, results, [output, *files])


def _with_card(output: Path, results: Results, files: list[Path]) -> Path:
    inputs = {"results": results.digest}
    write_card(output, stage="build_report", files=files, parameters={}, inputs=inputs)
    return output


def summaries(results: Results, most_inputs: int) -> int:
    """How many summaries a browser of so many inputs a task would hold."""
    return sum(min(len(e.inputs), most_inputs) for e in results.evaluations.values())


def sampled(results: Results, most_inputs: int) -> int:
    """How many inputs a page holds so that its summaries are not too many."""
    return min(most_inputs, MOST_SUMMARIES // max(1, len(results.fairness)))


def _entry(model: str, task: str, data: dict[str, Any], file: str) -> dict[str, Any]:
    """What the index says of a page: its answers, but not those about single variants."""
    first = data["attributions"][:1], data["metric"]
    moves = [m["text"] for m in data["moves"] if ([m["attribution"]], m["metric"]) == first]
    answers = [found["text"] for found in data["sentences"] if found["kind"] != "variant"]
    return {
        "model": model,
        "task": task,
        "file": file,
        "variants": counted(sum(not v["dense"] for v in data["variants"]), "pruned variant"),
        "sentences": answers + moves,
    }
