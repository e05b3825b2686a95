"""What can be known of a configuration before a run, and would else stop it in the middle."""

from collections.abc import Iterator
from pathlib import Path

from fairprune.config import Configuration, Task
from fairprune.data.importers import import_table
from fairprune.data.labels import parse_rule
from fairprune.data.own_settings import Continuing, check_prefix
from fairprune.data.ranking import RANKED_MIXES
from fairprune.data.rows import holds_single, parse_opinions, parse_rows
from fairprune.data.selections import NAMED_MIXES
from fairprune.data.split_files import with_rule
from fairprune.errors import FairpruneError, unknown
from fairprune.fairness.comparing.rules import check_primary
from fairprune.fairness.declare import ATTRIBUTIONS
from fairprune.fairness.settings import check_needs, read_settings
from fairprune.models.local import local_model
from fairprune.values import SELF
from fairprune.workflow import fetched, plan
from fairprune.workflow.calibrations import calibration_names, calibration_set, is_own, task_set
from fairprune.workflow.measured import check_measured
from fairprune.workflow.task_files import layout_of, reading_of

MOST_VARIANTS = 20_000


def check_known(config: Configuration) -> None:
    """Refuse what some step of a run would refuse.

    Raises:
        FairpruneError: two downloads of one name; nothing to judge; a method that makes no sense,
            also one that no grid uses; an unknown attribution, method, variant or zero-shot task; a
            goal of a score that is not measured;
            an option of an attribution or metric; an attribution without its model; a mix that a
            task does not have; windows that a set does not suit; a local model of which it is not
            clear which weights are it.
    """
    _check_judged(config)
    for name in config.methods:
        plan.method(config, name, "0.50")
    asked = config.fairness
    try:
        settings = read_settings(asked.attributions, asked.options)
        check_needs(settings, train=True)
    except FairpruneError as error:
        raise FairpruneError(f"fairness: {error}") from None
    for attribution, chosen in settings.attributions:
        if model := chosen.get("model"):
            where = f"fairness.options.{attribution.name}.model"
            _check_folder(where, model, chosen.get("revision", ""))
    if config.quality.bertscore and config.quality.bertscore.path:
        _check_folder("quality.bertscore.path", config.quality.bertscore.path, "")
    for key, task in config.tasks.items():
        _check_labels(task, f"tasks.{key}")
        for name, made in task.calibration.items():
            _check_mix(task, made.mix, f" in tasks.{key}.calibration.{name}.mix")
    _check_windows(config)
    check_measured(config.language, config.bias)
    for key, model in config.models.items():
        if model.path and Path(model.path, "config.json").is_file():
            _check_local(f"models.{key}.path", Path(model.path))
    for key, compressed in config.compressed.items():
        if compressed.path and Path(compressed.path).exists():
            _check_local(f"compressed.{key}.path", Path(compressed.path), compressed.file)


def _check_local(where: str, place: Path, file: str | None = None) -> None:
    try:
        local_model(place, file)
    except FairpruneError as error:
        raise FairpruneError(f"{where}: {error}") from None


def _check_judged(config: Configuration) -> None:
    for key, task in config.tasks.items():
        names = [fetched.local_file(config, key, source) for source in task.files]
        if twice := [name for name in names if names.count(name) > 1]:
            raise FairpruneError(
                f"tasks.{key}.files: two files would be {twice[0]}; give each a name of its own"
            )
    if not config.tasks and not plan.measures_language(config):
        raise FairpruneError("nothing would be judged: give tasks, or corpora or zero_shot tasks")
    for name in config.fairness.attributions:
        if name not in ATTRIBUTIONS.names():
            raise unknown("attribution", name, ATTRIBUTIONS.names(), " in fairness.attributions")
    for name in config.comparisons.against:
        if name not in config.methods:
            raise unknown("method", name, config.methods, " in comparisons.against")
    check_primary(config.fairness.primary)
    known = {str(v).partition("/")[2] for v in plan.variants(config) if not v.dense}
    for name in config.annotation.variants or ():
        if name not in known:
            raise unknown("variant", name, known, " in annotation.variants")


def check_size(config: Configuration) -> None:
    """Raise a FairpruneError for a grid that cannot be meant, before it is spread out."""
    sets = len(calibration_names(config))
    count = sum(
        len(grid.models or config.models)
        * len(grid.methods or config.methods)
        * max(1, len(grid.calibrations or ()) * len(config.calibration.seeds) or sets)
        * len(grid.sparsities)
        for grid in config.grid
    )
    if count > MOST_VARIANTS:
        raise FairpruneError(
            f"grid: up to {count} variants, over {MOST_VARIANTS}: ask for fewer in one run"
        )


def _check_folder(where: str, model: str, revision: str) -> None:
    if not revision and not Path(model).is_dir():
        raise FairpruneError(
            f"{where}: {model!r} is no folder here; of a model of the hub the revision is needed, "
            "too"
        )


def _check_labels(task: Task, where: str) -> None:
    try:
        parse_rule(task.labels)
    except FairpruneError as error:
        raise FairpruneError(f"{where}.{error}") from None
    for group in task.labels:
        if "=" in group:
            raise FairpruneError(f"{where}.labels: a name without '=' is expected, not {group!r}")
        if task.groups and group not in (*task.groups, *task.ignore):
            raise unknown("label", group, (*task.groups, *task.ignore), f" in {where}.labels")


def _check_windows(config: Configuration) -> None:
    """See that windows suit sets that the model writes itself."""
    asked = config.calibration
    for name in calibration_names(config):
        if not is_own(config, name):
            continue
        if asked.windows != "joined":
            raise FairpruneError(
                f"calibration.windows: {asked.windows} takes texts longer than a window, and the "
                f"model makes none for {name} (mix: {SELF}): take joined"
            )
        prefix = calibration_set(config, *task_set(config, name)).prefix or Continuing().prefix
        try:
            check_prefix(prefix, asked.length)
        except FairpruneError as error:
            raise FairpruneError(f"calibration set {name}: {error}") from None


def _check_mix(task: Task, mix: str, where: str) -> None:
    groups = set(task.groups or ())
    known = {*NAMED_MIXES, *RANKED_MIXES, SELF, *_mixes_of(groups)}
    if mix in known:
        return
    there = all(Path(file).is_file() for file in task.files)
    if there:
        known |= set(_found(task, groups))
    if mix not in known and (there or (groups and "mix" not in task.columns)):
        raise unknown("mix", mix, known, where)


def _mixes_of(groups: set[str]) -> set[str]:
    return {*groups, *(f"{group}-{kind}" for group in groups for kind in ("only", "heavy"))}


def _found(task: Task, groups: set[str]) -> Iterator[str]:
    """The mixes that the data know: labels, and the values of the column `mix`."""
    for file in map(Path, task.files):
        try:
            layout = with_rule(layout_of(task), file, task.format)
            table = import_table(file, task.format, reading_of(task))
            if holds_single(table, layout.columns):
                yield from _mixes_of({opinion.label for opinion in parse_opinions(table, layout)})
                continue
            for row in parse_rows(table, layout):
                yield row.input.mix
                if not groups:
                    yield from _mixes_of({*row.input.labels})
        except FairpruneError:  # the step that reads it says what is wrong
            continue
