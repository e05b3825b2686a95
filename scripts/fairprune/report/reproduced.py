"""A finished run against a table of published perplexities: what is off, and by how much."""

from collections.abc import Iterator
from pathlib import Path

from fairprune.errors import FairpruneError
from fairprune.io.cards import card_of
from fairprune.io.variants import Variant
from fairprune.io.yaml_files import read_yaml
from fairprune.report.published import Figure, Published, read_published
from fairprune.report.results import Target
from fairprune.report.rows import Row, field


def compare_published(results: Path, published: Path) -> list[str]:
    """Lines that say of each published figure what this run measured, and whether it is off.

    Args:
        results: results folder of a run.
        published: YAML file of figures, their conditions and tolerances.

    Raises:
        FairpruneError: a result is missing, or was measured under other conditions.
    """
    table = read_published(published)
    files = {f: Path(results) / "language" / f"{f.variant}.json" for f in table.figures}
    if missing := [file for file in files.values() if not file.is_file()]:
        raise FairpruneError(
            f"{results} has {len(files) - len(missing)} of the {len(files)} results that "
            f"{published} names; {', '.join(map(str, missing))} missing: run its experiment first"
        )
    _check_model(Path(results), table)
    rows = [
        (figure, _measured(Path(results), file, figure, table)) for figure, file in files.items()
    ]
    return [*_table(rows), *_summary(rows)]


def _measured(results: Path, file: Path, figure: Figure, table: Published) -> float | None:
    """The perplexity of a variant, after its conditions were compared."""
    variant, asked = Variant.parse(figure.variant), table.conditions
    found = [
        row
        for row in field(Target(file, variant, ""), "perplexity")
        if row["corpus"] == asked.corpus
    ]
    if not found:
        raise FairpruneError(f"{file} has no perplexity of {asked.corpus}: measure it, too")
    _check(str(file), found[0], {"window": asked.window, "beginning": asked.beginning})
    made = card_of(file, files=False)
    limits = made["parameters"].get("limits", []) if made else []
    if cut := [text for text in limits if text.rpartition("=")[0] == asked.corpus]:
        raise FairpruneError(
            f"{file}: of {asked.corpus} only a part was measured (limit {cut[0]}), published of "
            "the whole: not to be compared; measure it as published"
        )
    if variant.calibration != "none":
        windows = results / "calibration" / variant.model / f"{variant.calibration}.safetensors"
        card = card_of(windows, files=False)
        if card is None:
            raise FairpruneError(f"{windows} is missing: how it was drawn cannot be compared")
        _check(str(windows), card["parameters"], asked.calibration.model_dump())
    return found[0]["perplexity"]


def _check(where: str, found: Row, asked: Row) -> None:
    for name, value in asked.items():
        if found.get(name) != value:
            raise FairpruneError(
                f"{where}: {name} {found.get(name)!r}, published with {value!r}: not to be "
                "compared; measure it as published"
            )


def _check_model(results: Path, table: Published) -> None:
    """Refuse results of another model of the hub; of a local one nobody knows."""
    config = results / "config.yaml"
    known = (read_yaml(config) or {}).get("models", {}) if config.is_file() else {}
    for name in {figure.variant.partition("/")[0] for figure in table.figures} & known.keys():
        used = known[name].get("id")
        if used not in (None, table.model):
            raise FairpruneError(f"{config}: {name} is {used}, published of {table.model}")


def _table(rows: list[tuple[Figure, float | None]]) -> Iterator[str]:
    wide = max(len(figure.variant) for figure, _ in rows)
    yield f"{'variant':{wide}}  published  measured  difference  tolerance"
    for figure, value in rows:
        numbers = f"{figure.perplexity:9.2f}"
        if value is not None:
            numbers += f"  {value:8.3f}  {value - figure.perplexity:+10.3f}"
        else:
            numbers += f"  {'infinite':>8}  {'':10}"
        word = "off" if _is_off(figure, value) else "as published"
        yield f"{figure.variant:{wide}}  {numbers}  {figure.tolerance:9.2f}  {word}"


def _summary(rows: list[tuple[Figure, float | None]]) -> Iterator[str]:
    off = sum(_is_off(figure, value) for figure, value in rows)
    yield f"{len(rows) - off} of {len(rows)} as published, {off} off."
    order = [f for f, _ in sorted(rows, key=lambda row: row[1] or float("inf"))]
    if order == sorted(order, key=lambda figure: figure.perplexity):
        yield "The order is the published one."
    else:
        yield f"The order is another: {' < '.join(figure.variant for figure in order)}."


def _is_off(figure: Figure, value: float | None) -> bool:
    return value is None or abs(value - figure.perplexity) > figure.tolerance
