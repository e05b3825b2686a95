"""Where the models and files that a run begins with lie: as they are named, or fetched."""

from fairprune.config import Configuration
from fairprune.errors import FairpruneError, unknown
from fairprune.values import url_name


def model_folder(config: Configuration, model: str) -> str:
    """Where the files of a model lie, or links to them."""
    return f"{config.data}/models/{model}"


def model_card(config: Configuration, model: str) -> str:
    """The card of a model, which stands for its folder."""
    return f"{model_folder(config, model)}/card.json"


def local_file(config: Configuration, key: str, source: str) -> str:
    """Where a file of a task or text lies: its own path, or that of its download."""
    if not source.startswith("https://"):
        return source
    return f"{config.data}/downloads/{key}/{url_name(source)}"


def sources(config: Configuration) -> list[tuple[str, str]]:
    """Every file of the tasks, texts and bias sets: (key of what it is of, file as it is named)."""
    found = [(key, source) for key, task in config.tasks.items() for source in task.files]
    found += [(key, text.file) for key, text in config.texts.items()]
    return found + [(key, file) for key, files in config.language.data.items() for file in files]


def text_file(config: Configuration, name: str) -> str:
    """Where the file of a general text lies.

    Raises:
        FairpruneError: no such text.
    """
    if name not in config.texts:
        raise unknown("text or task", name, [*config.texts, *config.tasks])
    return local_file(config, name, config.texts[name].file)


def source_of(config: Configuration, key: str, name: str) -> str:
    """The URL that `{data}/downloads/{key}/{name}` is downloaded from."""
    for owner, source in sources(config):
        if owner == key and source.startswith("https://") and url_name(source) == name:
            return source
    raise FairpruneError(
        f"{config.data}/downloads/{key}/{name}: no such download in the configuration"
    )
