"""Which opinion a sentence is most like, by the cosine of TF-IDF vectors."""

from collections.abc import Sequence

import numpy as np

from fairprune.quality.text import content_tokens

FLOOR = 0.1


def similarities(sentences: Sequence[str], opinions: Sequence[str]) -> np.ndarray:
    """Cosine of every sentence with every opinion, sentences × opinions, in [0, 1].

    TF-IDF over content tokens, the document frequencies those of these opinions; 0 where a
    sentence and an opinion share no content token.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not any(content_tokens(opinion) for opinion in opinions) or not sentences:
        return np.zeros((len(sentences), len(opinions)))
    vectorizer = TfidfVectorizer(analyzer=content_tokens)
    known = vectorizer.fit_transform(opinions)
    return np.asarray((vectorizer.transform(sentences) @ known.T).todense())


def nearest_opinions(
    sentences: Sequence[str], opinions: Sequence[str], floor: float = FLOOR
) -> list[int | None]:
    """For every sentence the number of its most similar opinion, see `nearest_columns`."""
    return nearest_columns(similarities(sentences, opinions), floor)


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
