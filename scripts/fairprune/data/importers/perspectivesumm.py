"""PerspectiveSumm (Zhang et al., NAACL 2024): a JSON list of samples of `units` with values."""

from pathlib import Path
from typing import Any

from fairprune.data.importers import importer
from fairprune.errors import FairpruneError
from fairprune.io.table_files import Reading, Table, read_text, table_of
from fairprune.io.tables import json_of


@importer("perspectivesumm")
def perspectivesumm(path: Path, reading: Reading) -> Table:
    """One row a sample: the units' texts, their values as labels, `gold_summary` as references.

    A sample is `{"units": [{"text": …, "value": {NAME: VALUE}}, …], "gold_summary": […]}`, as in
    `preprocessed_datasets/*.json` of the public repository. Labels are the values as they stand
    there (`pos`, `repu`, 5).

    Raises:
        FairpruneError: another form, or units with more than one named value.
    """
    text, notes = read_text(path, reading.encoding)
    samples = json_of(text, path)
    if not isinstance(samples, list):
        raise FairpruneError(f"{path}: a JSON list of samples with `units` is expected")
    rows = (_row(sample, f"{path}, row {number}") for number, sample in enumerate(samples, 1))
    return table_of(path, rows, notes)


def _row(sample: Any, where: str) -> dict[str, Any]:
    try:
        units = sample["units"]
        names = {name for unit in units for name in unit["value"].keys()}  # noqa: SIM118 no text
        if len(names) > 1:
            raise FairpruneError(
                f"{where}: units have several values ({', '.join(sorted(names))}), keep one"
            )
        return {
            "opinions": [unit["text"] for unit in units],
            "labels": [next(iter(unit["value"].values()), None) for unit in units],
            "references": sample.get("gold_summary"),
        }
    except (KeyError, TypeError, AttributeError):
        raise FairpruneError(
            f'{where}: {{"units": [{{"text": …, "value": {{NAME: VALUE}}}}]}} is expected'
        ) from None
