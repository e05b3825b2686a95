# Needs: the configuration, and all rules. Makes: results/manifest.txt and results/config.yaml
# before a run. Says what is asked for and not there, what a run will take, and at its end what it
# has made or what went wrong. Waits for no job of Slurm for ever.
import time

from snakemake.cli import get_argument_parser
from snakemake.logging import logger

from fairprune.io.atomic import write_text
from fairprune.workflow.asked import check_targets
from fairprune.workflow.cautions import cautions
from fairprune.workflow.closing import closing, failures
from fairprune.workflow.cost import check_disk, disk_line, time_line
from fairprune.workflow.screen import Screen
from fairprune.workflow.slurm import follow
from fairprune.workflow.units import unit_lines

STARTED, BEGAN = time.monotonic(), time.time()
OUTPUT = workflow.output_settings
SLURM = sys.modules.get("snakemake_executor_plugin_slurm")  # Snakemake loads what is installed
if hasattr(SLURM, "query_job_status"):
    follow(SLURM)


def command():
    """The options of the command line, which Snakemake does not show; None where it is not its."""
    if Path(sys.argv[0]).name not in ("snakemake", "__main__.py"):
        return None
    return get_argument_parser().parse_known_args(sys.argv[1:])[0]


def is_made(file):
    """Whether some rule makes a file."""
    return any(rule.is_producer(os.path.relpath(file)) for rule in workflow.rules)


def outlook():
    """What the run will take, what its verdicts will rest on, and what to beware of."""
    return [disk_line(CONFIG), time_line(CONFIG), *unit_lines(CONFIG), *cautions(CONFIG)]


def say(*lines):
    if "ALL" not in {quiet.name for quiet in OUTPUT.quiet or ()}:
        print(*lines, sep="\n", file=sys.stderr)


if workflow.is_main_process and not (OUTPUT.verbose or OUTPUT.printshellcmds or OUTPUT.debug_dag):
    for handler in logger.handlers:  # with a logger plugin that writes there, there is no such one
        if handler.name == "DefaultStreamHandler":
            screen = Screen(handler.formatter, plan=OUTPUT.dryrun)
            handler.filters.insert(0, screen)  # it counts what --quiet hides, too
            handler.setFormatter(screen)

if workflow.is_main_process and (COMMAND := command()):
    asked = {*COMMAND.targets, *COMMAND.forcerun, *COMMAND.until, *COMMAND.omit_from}
    names = ["all", *(rule.name for rule in workflow.rules)]
    try:
        check_targets(CONFIG, asked, names, is_made)
    except FairpruneError as error:
        sys.exit(f"error: {error}")
    if COMMAND.dryrun:
        say(*outlook())


onstart:
    write_text(MANIFEST, "".join(f"{file}\n" for file in TARGETS["pruned"] + TARGETS["judged"]))
    config_file.write(CONFIG, Path(R) / "config.yaml")
    say(*outlook())
    try:
        check_disk(CONFIG)
    except FairpruneError as error:
        sys.exit(f"error: {error}")


onsuccess:
    say(closing(Path(R), time.monotonic() - STARTED))


onerror:
    say(*failures(Path(R), BEGAN))
