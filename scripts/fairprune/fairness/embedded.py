"""The embedded classifier: TF-IDF and logistic regression, with its own honest accuracy."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.fairness.accuracy import accuracy

FOLDS = 5


def _pipeline() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    # Balanced: which group is larger in the training text must not decide a sentence.
    return make_pipeline(
        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
        LogisticRegression(C=10.0, class_weight="balanced", max_iter=2000, random_state=0),
    )


def fit(
    train: Sequence[tuple[str, str]], groups: Sequence[str]
) -> tuple[Callable[[list[str]], list[str | None]], dict[str, Any]]:
    """A function from sentences to groups, and its figures.

    Args:
        train: (opinion, group) pairs, each once.
        groups: the groups that must be known.

    A sentence that holds no known word is given to no group (None). The figures: `opinions` per
    group, and what `accuracy` gives, cross-validated in 5 fixed stratified folds (as many as the
    smallest group has opinions, if fewer; null below two).

    Raises:
        FairpruneError: a group without an opinion to learn from.
    """
    counts = Counter(group for _, group in train)
    if missing := [group for group in groups if not counts[group]]:
        raise FairpruneError(
            f"no opinion in --train with label {missing[0]!r} that is not also among the "
            f"evaluated inputs (labels there: {', '.join(sorted(counts)) or 'none'}); give more "
            "files with --train, or --ignore the label"
        )
    if len(counts) < 2:
        raise FairpruneError("--train holds one group only: the classifier needs two or more")
    texts, labels = zip(*train, strict=True)
    pipeline = _pipeline()
    try:
        pipeline.fit(texts, labels)
    except ValueError as error:
        raise FairpruneError(f"the classifier cannot learn from --train: {error}") from None
    figures = {"model": "TF-IDF + logistic regression", "opinions": dict(sorted(counts.items()))}
    return _classify(pipeline), figures | _cross_validated(texts, labels)


def _classify(pipeline: Any) -> Callable[[Sequence[str]], list[str | None]]:
    vectorizer, model = pipeline[0], pipeline[1]

    def classify(sentences: Sequence[str]) -> list[str | None]:
        if not len(sentences):
            return []
        vectors = vectorizer.transform(sentences)
        known = vectors.getnnz(axis=1) > 0
        return [
            str(group) if evidence else None
            for group, evidence in zip(model.predict(vectors), known, strict=True)
        ]

    return classify


def _cross_validated(texts: Sequence[str], labels: Sequence[str]) -> dict[str, Any]:
    from sklearn.model_selection import StratifiedKFold

    folds = min(FOLDS, min(Counter(labels).values()))
    if folds < 2:
        return {"folds": 0, "accuracy": None, "confusion": None}
    split = StratifiedKFold(folds, shuffle=True, random_state=0)
    given: list[str | None] = [None] * len(texts)
    for known, asked in split.split(texts, labels):
        pipeline = _pipeline().fit([texts[n] for n in known], [labels[n] for n in known])
        answers = _classify(pipeline)([texts[n] for n in asked])
        for number, answer in zip(asked, answers, strict=True):
            given[number] = answer
    return {"folds": folds, **accuracy(labels, given)}
