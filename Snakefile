import os

from snakemake.utils import min_version

min_version("9.14")


BASE = workflow.current_basedir.get_path_or_uri(secret_free=True)

# A configuration given on the command line replaces the default one; it does not add to it.
if not workflow.overwrite_configfiles:

    configfile: f"{BASE}/config/config.yaml"


# An image of Dockerfile; OWNER is whoever has put it there.
containerized: os.environ.get("FAIRPRUNE_IMAGE", "docker://OWNER/fairprune:0.1.0")


report: "rules/captions/workflow.rst"


include: "rules/configuration.smk"
include: "rules/common.smk"
include: "rules/models.smk"
include: "rules/data.smk"
include: "rules/calibration.smk"
include: "rules/gradients.smk"
include: "rules/pruning.smk"
include: "rules/summaries.smk"
include: "rules/dense.smk"
include: "rules/evaluation.smk"
include: "rules/comparisons.smk"
include: "rules/language.smk"
include: "rules/bias.smk"


if evaluates_at_once(CONFIG):

    include: "rules/variants.smk"


include: "rules/annotation.smk"
include: "rules/report.smk"
include: "rules/handout.smk"
include: "rules/run.smk"


from fairprune.workflow.every_file import every_file


rule all:
    default_target: MAIN
    input:
        rules.build_tables.output,
        rules.build_report.output,
        rules.build_figures.output,
        every_file(CONFIG),
    message:
        "Everything that the configuration asks for is there"
