"""Which opinion a sentence is most like, by the cosine of TF-IDF vectors."""

from collections.abc import Sequence

import numpy as np

from fairprune.text.languages import ENGLISH
from fairprune.text.words import content_tokens

FLOOR = 0.1


def similarities(
    sentences: Sequence[str], opinions: Sequence[str], language: str = ENGLISH
) -> np.ndarray:
    """Cosine of every sentence with every opinion, sentences × opinions, in [0, 1].

    TF-IDF over content tokens: `ln((1 + n) / (1 + df)) + 1` times the count, the document
    frequencies `df` those of these n opinions, tokens that none of them holds left out; 0 where a
    sentence and an opinion share no content token. Source: as scikit-learn's TfidfVectorizer.
    """
    said, known = _counts(sentences, opinions, language)
    return _cosines(said, known)


def left_out_similarities(
    sentences: Sequence[str], owners: Sequence[int], opinions: Sequence[str], language: str
) -> np.ndarray:
    """The same with each sentence's own opinion (its number in `owners`) taken out first.

    The column of a sentence's own opinion is 0.
    """
    said, known = _counts(sentences, opinions, language)
    found = np.zeros((len(sentences), len(opinions)))
    numbers = np.asarray(owners, dtype=int)
    for owner in set(owners):
        mine, others = numbers == owner, np.arange(len(opinions)) != owner
        found[np.ix_(mine, others)] = _cosines(said[mine], known[others])
    return found


def nearest_opinions(
    sentences: Sequence[str],
    opinions: Sequence[str],
    floor: float = FLOOR,
    language: str = ENGLISH,
) -> list[int | None]:
    """For every sentence the number of its most similar opinion, see `nearest_columns`."""
    return nearest_columns(similarities(sentences, opinions, language), floor)


def nearest_columns(cosines: np.ndarray, floor: float = FLOOR) -> list[int | None]:
    """For every row of cosines (sentences × opinions) its largest column, the first of equals.

    None where no cosine reaches `floor` and is above 0.
    """
    cosines = np.round(cosines, 12)  # equal is equal on every machine
    best = cosines.argmax(axis=1) if cosines.shape[1] else []
    return [
        int(index) if row[index] >= floor and row[index] > 0 else None
        for row, index in zip(cosines, best, strict=True)
    ]


def _counts(
    sentences: Sequence[str], opinions: Sequence[str], language: str
) -> tuple[np.ndarray, np.ndarray]:
    """How often each text holds each token of the opinions, texts × tokens."""
    tokens = [content_tokens(opinion, language) for opinion in opinions]
    number = {token: n for n, token in enumerate(dict.fromkeys(t for of in tokens for t in of))}

    def counted(texts: Sequence[Sequence[str]]) -> np.ndarray:
        table = np.zeros((len(texts), len(number)))
        for row, text in zip(table, texts, strict=True):
            places = [number[token] for token in text if token in number]
            np.add.at(row, places, 1)
        return table

    return counted([content_tokens(sentence, language) for sentence in sentences]), counted(tokens)


def _cosines(said: np.ndarray, known: np.ndarray) -> np.ndarray:
    held = (known > 0).sum(axis=0)
    weight = np.where(held > 0, np.log((1 + len(known)) / (1 + held)) + 1, 0.0)
    return _unit(said * weight) @ _unit(known * weight).T


def _unit(rows: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
