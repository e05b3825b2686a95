# Needs: the configuration. Makes: what every stage's rules share.
import os
import re
import shlex
from functools import cache
from pathlib import Path

from fairprune.fairness.declare import ATTRIBUTIONS
from fairprune.io.code import code_digest
from fairprune.io.hashing import sha256_data, sha256_file
from fairprune.io.project import ENTRIES, PACKAGE
from fairprune.workflow.calibrations import seeded, text_sets
from fairprune.workflow.model_jobs import repeat
from fairprune.workflow.plan import evaluates_at_once
from fairprune.workflow.resources import judged_by_model, memory_mb, runtime_minutes

R = CONFIG.results
GPU = int(CONFIG.device != "cpu")
MANIFEST = Path(R) / "manifest.txt"
MODEL = fetched.model_card(CONFIG, "{model}")
VARIANT = "{model}/{method}/{calibration}/{sparsity}"


wildcard_constraints:
    model="|".join(map(re.escape, CONFIG.models)),
    method="|".join(map(re.escape, ["dense", *CONFIG.methods, *CONFIG.compressed])),
    task="|".join(map(re.escape, CONFIG.tasks)) or "-",
    calibration=r"[A-Za-z0-9][A-Za-z0-9_.-]*",
    sparsity=r"0\.\d\d+|\d+of\d+|given",
    split="train|calibration|test",
    loss="full|last_token",


def script_path(name):
    """The path of an entry, from wherever the workflow runs (see --directory).

    A Path, since texts among the parameters are part of what a result is made from, and where
    the project lies is not.
    """
    return Path(os.path.relpath(ENTRIES / name))


@cache
def code(name, *methods):
    """Digest of the code of an entry and of the methods that it looks up by name."""
    return code_digest([ENTRIES / name, *methods])


def found_by_name(folder):
    """The files of a folder whose modules are looked up by name."""
    return sorted((PACKAGE / folder).glob("*.py"))


def judging_code(name):
    """Digest of the code of an entry that judges: its attributions and every metric too."""
    found = [ATTRIBUTIONS.file(attribution) for attribution in CONFIG.fairness.attributions]
    return code(name, *found, *found_by_name("fairness/metrics"))


def digest_of_files(folder):
    """Digest of what a result is made of beside code: the other files of a folder."""
    every = (PACKAGE / folder).rglob("*")
    files = sorted(file for file in every if file.is_file() and file.suffix not in (".py", ".pyc"))
    return sha256_data([sha256_file(file) for file in files])[:16]


def log(rule, *wildcards):
    return os.path.join(R, "logs", rule, *wildcards) + ".log"


def benchmark_file(rule, *wildcards):
    return os.path.join(R, "benchmarks", rule, *wildcards) + ".tsv"


def kept(keep, path):
    """The file itself, or marked to be removed once nothing needs it any more."""
    return path if keep else temp(path)


def pruning_inputs(wildcards):
    """The model, and every statistic with its card, which stays valid when files are copied."""
    found = {"model": fetched.model_card(CONFIG, wildcards.model)}
    for name, file in JOBS.statistics(wildcards).items():
        found |= {f"{name}_card": f"{file}.card.json", name: ancient(file)}
    return found


def memory(factor):
    """Megabytes for a job: `factor` bytes a parameter, and what the libraries take."""
    return lambda w, attempt: memory_mb(CONFIG, w.model, factor) * attempt


def minutes(factor):
    """Minutes for a job: ten, and `factor` for each billion parameters."""
    return lambda w, attempt: runtime_minutes(CONFIG, w.model, factor) * attempt


def growing(amount):
    """What a job of any model asks for; a retry asks for that much more."""
    return lambda w, attempt: amount * attempt
