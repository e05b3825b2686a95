"""A reader of the demo's texts that knows its words and nothing of how the references are made."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import snowballstemmer
import yaml
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

DEMO = Path(__file__).parents[2] / "data" / "demo"
TASKS = ["reviews", "politics"]
_WORDS = yaml.safe_load((DEMO / "opinions" / "words.yaml").read_text(encoding="utf-8"))
_STEM = snowballstemmer.stemmer("english").stemWord


def rows_of(task: str, split: str | None = None) -> list[dict]:
    """The lines of a shipped task file, with `opinions` cut."""
    lines = (DEMO / f"{task}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        row | {"opinions": row["input"].split(" || ")}
        for row in rows
        if split in (None, row["split"])
    ]


@cache
def _pattern(phrases: tuple[str, ...]) -> re.Pattern:
    return re.compile(rf"\b({'|'.join(map(re.escape, phrases))})\b", re.IGNORECASE)


def _mentioned(phrases: list[str], text: str) -> set[str]:
    return {phrase.lower() for phrase in _pattern(tuple(phrases)).findall(text)}


@cache
def facts(text: str) -> frozenset[tuple[str, ...]]:
    """What a text says: (aspect, stance) of reviews, (topic, action, party) of politics."""
    found: set[tuple[str, ...]] = set()
    for kind in _WORDS["kinds"].values():
        for aspect in _mentioned(kind["aspects"], text):
            found |= {
                (aspect, stance)
                for stance in ("positive", "negative")
                if _mentioned(kind[stance], text)
            }
    for policy in _WORDS["policies"]:
        for topic in _mentioned(policy["topics"], text):
            found |= {
                (topic, action, party)
                for action, done in policy["actions"].items()
                if _mentioned([action, done], text)
                for party in _mentioned(list(_WORDS["parties"]), text)
            }
    return frozenset(found)


def is_said(sentence: str, opinions: list[str]) -> bool:
    """Whether the sentence says something, and one of the opinions says all of it."""
    said = facts(sentence)
    return bool(said) and any(said <= facts(opinion) for opinion in opinions)


def sentences_of(text: str) -> list[str]:
    """The sentences of a text of the demo, which has full stops nowhere else."""
    return [part.strip() for part in text.split(".") if part.strip()]


@cache
def content(text: str) -> list[str]:
    """Stems of the words that are no stop words."""
    return [
        _STEM(word) for word in re.findall(r"\w+", text.lower()) if word not in ENGLISH_STOP_WORDS
    ]


def token_shares(text: str, row: dict) -> dict[str, float] | None:
    """Each content token gives 1 to every group whose opinions have it; None where none has."""
    stems: dict[str, set[str]] = {label: set() for label in row["label"]}
    for opinion, label in zip(row["opinions"], row["label"], strict=True):
        stems[label].update(content(opinion))
    counts = {label: sum(stem in own for stem in content(text)) for label, own in stems.items()}
    total = sum(counts.values())
    return {label: count / total for label, count in counts.items()} if total else None


def unfair_error(text: str, row: dict) -> float:
    """UER under `tokens`: mean over the groups of what the summary's share lacks."""
    wanted, given = token_shares(row["input"], row), token_shares(text, row)
    return sum(max(0.0, wanted[label] - given[label]) for label in wanted) / len(wanted)


def is_valid(text: str, row: dict) -> bool:
    """Neither empty nor degenerate nor without any word of the input."""
    words = text.split()
    repeats = Counter(zip(words, words[1:], words[2:], words[3:], strict=False))
    degenerate = len(words) < 5 or max(repeats.values()) >= 5
    return not degenerate and token_shares(text, row) is not None
