"""Entry: a configuration from a few answers."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import run
from fairprune.io.table_files import Reading
from fairprune.workflow import answers as a
from fairprune.workflow.data_questions import Given, ask_data
from fairprune.workflow.new_config import write_config

Answer = str | None


def new_config(
    model: Annotated[Answer, Option(help="Folder, or OWNER/NAME@COMMIT; none: asked.")] = None,
    data: Annotated[Answer, Option(help="File of labelled opinions; none: asked.")] = None,
    format_name: Annotated[str, Option("--format", help="Importer; auto: by ending.")] = "auto",
    columns: Annotated[str, Option(help="KEY=COLUMN,… for columns of other names.")] = "",
    labels: Annotated[str, Option(help="GROUP=VALUE,… for stars and codes (neg=1-2).")] = "",
    ignore: Annotated[Answer, Option(help="LABEL,… that are no groups; none: asked.")] = None,
    group_by: Annotated[Answer, Option(help="Column of the matter; none: asked.")] = None,
    encoding: Annotated[Answer, Option(help="Of the file; none: found, or asked.")] = None,
    delimiter: Annotated[Answer, Option(help="Between cells; none: found, or asked.")] = None,
    sheet: Annotated[Answer, Option(help="Of a spreadsheet; none: found, or asked.")] = None,
    kind: Annotated[Answer, Option(help="reviews, tweets or another word; none: asked.")] = None,
    gpu_memory: Annotated[Answer, Option(help="GB; 0 without a GPU; none: asked.")] = None,
    sparsities: Annotated[Answer, Option(help="Shares, patterns: 0.3,2of4; none: asked.")] = None,
    output: Annotated[Answer, Option(help="A new YAML file; none: asked.")] = None,
) -> Path:
    """Ask for what a run needs, and write a valid configuration. Nothing is replaced.

    Example: new_config.py --model data/demo/model --data reviews.csv --output mine.yaml
    """
    reading = Reading(encoding, delimiter, sheet)
    given = Given(columns, labels, ignore, group_by, format_name, reading)
    return write_config(
        model=a.ask("Model (a folder, or OWNER/NAME@COMMIT)", model, "", a.check_model),
        data=ask_data(data, given),
        kind=a.ask("They are (reviews, tweets, comments, …)", kind, "reviews", a.check_kind),
        memory=a.ask("GPU memory in GB (0: no GPU)", gpu_memory, "0", a.check_memory),
        sparsities=a.ask("Sparsities", sparsities, "0.3,0.5", a.check_sparsities),
        output=a.ask("Write to", output, "mine.yaml", a.check_output),
    )


if __name__ == "__main__":
    run(new_config)
