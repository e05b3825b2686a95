# Needs: the configuration, of Snakemake's command line or of whoever imports this as a module.
# Makes: its typed form, the targets and jobs that follow from it.
import gc
import os
import sys

gc.set_threshold(100_000, 20, 100)  # a plan is millions of objects that stay: a quarter faster

sys.path.insert(0, f"{BASE}/scripts")  # in a checkout; else the package is installed

from fairprune import config_file
from fairprune.errors import FairpruneError
from fairprune.workflow import fetched, plan
from fairprune.workflow.configured import configured
from fairprune.workflow.jobs import Jobs

MAIN = workflow.modifier.namespace is None
FILES = workflow.configfiles if MAIN else []  # else they are of the workflow that imports this
SOURCE = " + ".join(map(os.path.relpath, FILES)) or "configuration"

# A module's prefix stands in command lines, too, which Snakemake would leave as they are: it is put
# before the folders that are written to, and nothing is left to Snakemake.
PREFIX = workflow.modifier.path_modifier
workflow.modifier.path_modifier = type(PREFIX)(None, None, workflow)


def placed(folder):
    """A folder of the configuration, where the module's prefix puts it."""
    asked = config.get(folder, folder)
    return PREFIX.replace_prefix(asked) if isinstance(asked, str) else asked


try:
    for file in FILES:
        config_file.load(file)  # Snakemake lets the last of two equal keys win
    CONFIG = configured({**config, "results": placed("results"), "data": placed("data")}, SOURCE)
    TARGETS, JOBS = plan.targets(CONFIG), Jobs(CONFIG)
    TARGETS["judged"] += JOBS.annotations()
except FairpruneError as error:
    sys.exit("\n".join(f"error: {line}" for line in str(error).splitlines()))
