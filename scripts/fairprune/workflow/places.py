"""What stands where a run would write: its own results, and nothing of the user's."""

from collections.abc import Iterator
from pathlib import Path

from fairprune.config import Configuration
from fairprune.errors import FairpruneError
from fairprune.io.ownership import Target, foreign
from fairprune.io.places import MANIFEST, STAGES
from fairprune.workflow import fetched


def check_places(config: Configuration) -> None:
    """See that a run would replace nothing that is not its own, and reads none of its results.

    Raises:
        FairpruneError: results that a link would put elsewhere, or in whose place something
            else stands; an input among the results, or where a model or download will be.
    """
    here, real = Path.cwd().resolve(), Path(config.results).resolve()
    if not real.is_relative_to(here):
        raise FairpruneError(
            f"results: {config.results!r} leads out of the working directory, to {real}; to work "
            "there start snakemake with --directory"
        )
    if (real / "config.yaml").exists() and not (real / MANIFEST).exists():
        raise FairpruneError(
            f"results: {config.results}/config.yaml is not one that a run has written: choose "
            "another folder for the results"
        )
    for where, path in _inputs(config):
        _check_input(where, Path(path), real, config)
    for kind in ("models", "compressed"):
        for key in getattr(config, kind):
            place = Target(Path(fetched.model_folder(config, key)), links=True)
            _check_free(f"{kind}.{key}", place, "download_model")
    for key, source in fetched.sources(config):
        if (file := Path(fetched.local_file(config, key, source))) != Path(source):
            _check_free(f"{key}, {source}", Target(file, (file,)), "download_file")


def _inputs(config: Configuration) -> Iterator[tuple[str, str]]:
    """Every file and folder that a configuration names: where it stands there, and its path."""
    for kind in ("models", "compressed"):
        for key, model in getattr(config, kind).items():
            if model.path:
                yield f"{kind}.{key}.path", model.path
    for key, source in fetched.sources(config):
        if fetched.local_file(config, key, source) == source:
            yield f"{key}: {source}", source
    if config.quality.bertscore and config.quality.bertscore.path:
        yield "quality.bertscore.path", config.quality.bertscore.path
    for name, value in config.fairness.options.items():
        if name.endswith(".model"):
            yield f"fairness.options.{name}", str(value)


def _check_input(where: str, path: Path, results: Path, config: Configuration) -> None:
    place = path.resolve()
    for stage in STAGES:
        if place.is_relative_to(results / stage):
            raise FairpruneError(
                f"{where} stands among the results that the run makes: copy it elsewhere, or "
                "choose another folder for the results"
            )
    for key in (*config.models, *config.compressed):
        if place.is_relative_to(Path(fetched.model_folder(config, key)).resolve()):
            raise FairpruneError(
                f"{where} stands where the workflow puts the model {key!r}, "
                f"{fetched.model_folder(config, key)}: "
                "move it, or call the model otherwise"
            )


def _check_free(where: str, target: Target, stage: str) -> None:
    if (what := foreign(target, stage)) is not None:
        raise FairpruneError(
            f"{where}: {what}, and would be replaced: move it away, and name it as a local path"
        )
