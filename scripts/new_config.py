"""Entry: a configuration from a few answers."""

from pathlib import Path
from typing import Annotated, Any

from typer import Option

from fairprune.cli import Answer, run
from fairprune.cli_groups import also, answering, reading
from fairprune.workflow import answers as a
from fairprune.workflow.data_questions import Given, ask_data
from fairprune.workflow.new_config import write_config


@also(reading, answering)
def new_config(
    model: Annotated[Answer, Option(help="Folder, or OWNER/NAME@COMMIT; none: asked.")] = None,
    data: Annotated[Answer, Option(help="File of labelled opinions; none: asked.")] = None,
    kind: Annotated[Answer, Option(help="reviews, tweets or another word; none: asked.")] = None,
    gpu_memory: Annotated[Answer, Option(help="GB; 0 without a GPU; none: asked.")] = None,
    sparsities: Annotated[Answer, Option(help="Shares, patterns: 0.3,2of4; none: asked.")] = None,
    output: Annotated[Answer, Option(help="A new YAML file; none: asked.")] = None,
    **shared: Any,
) -> Path:
    """Ask for what a run needs, and write a valid configuration. Nothing is replaced.

    Example: new_config.py --model data/demo/model --data reviews.csv --output mine.yaml
    """
    return write_config(
        model=a.ask("Model (a folder, or OWNER/NAME@COMMIT)", model, "", a.check_model),
        data=ask_data(data, Given(**shared)),
        kind=a.ask("They are (reviews, tweets, comments, …)", kind, "reviews", a.check_kind),
        memory=a.ask("GPU memory in GB (0: no GPU)", gpu_memory, "0", a.check_memory),
        sparsities=a.ask("Sparsities", sparsities, "0.3,0.5", a.check_sparsities),
        output=a.ask("Write to", output, "mine.yaml", a.check_output),
    )


if __name__ == "__main__":
    run(new_config)
