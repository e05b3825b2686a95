"""The demo's vocabulary: what opinions can be about, and what can be said of it."""

from pathlib import Path

import yaml

_WORDS = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))

TEMPLATES = yaml.safe_load(Path(__file__).with_name("templates.yaml").read_text(encoding="utf-8"))
FILLERS: dict[str, list[str]] = _WORDS["fillers"]
PARTIES: dict[str, str] = _WORDS["parties"]
SORTS = {entity: sort for sort in ("product", "business") for entity in _WORDS[sort]["entities"]}
LABELS = {"reviews": ["positive", "negative"], "politics": list(PARTIES)}
_KINDS = {aspect: kind for kind in _WORDS["kinds"].values() for aspect in kind["aspects"]}
PARTICIPLES: dict[str, str] = {
    action: done for policy in _WORDS["policies"] for action, done in policy["actions"].items()
}
_ACTIONS = {
    topic: list(policy["actions"]) for policy in _WORDS["policies"] for topic in policy["topics"]
}


def topics(entity: str | None = None) -> list[str]:
    """The aspects of an entity, or without one the topics of politics."""
    if entity is None:
        return list(_ACTIONS)
    sort = _WORDS[SORTS[entity]]
    return sort["entities"][entity] + sort["shared"]


def claims(label: str, topic: str) -> list[str]:
    """What the group `label` can say of `topic`: adjectives of its stance, or actions."""
    return _ACTIONS[topic] if label in PARTIES else _KINDS[topic][label]
