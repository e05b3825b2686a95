"""ROUGE against reference summaries."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from fairprune.quality.common import common_subsequence
from fairprune.text.languages import ENGLISH, stemmer
from fairprune.text.words import words

KINDS = ("rouge1", "rouge2", "rougeL")


def rouge(
    summary: str, references: Sequence[str], language: str = ENGLISH
) -> dict[str, float] | None:
    """ROUGE-1, ROUGE-2 and ROUGE-L F of one summary, in [0, 1]; None without a reference.

    By the `rouge-score` package, but for the longest common subsequence, which it looks for in
    quadratic time; with several references the mean over them, as FewSum (Bražinskas et al., EMNLP
    2020) scores opinion summaries. An empty summary has 0. English is cut and stemmed as that
    package does it, so that figures compare with published ones; other languages by `words` and
    their own stems. Source: Lin 2004.
    """
    if not references:
        return None
    scores = [_score(summary, reference, language) for reference in references]
    return {kind: sum(score[kind] for score in scores) / len(scores) for kind in KINDS}


def _score(summary: str, reference: str, language: str) -> dict[str, float]:
    from rouge_score.scoring import fmeasure

    scores = _scorer(language).score(reference, summary)
    found = {kind: score.fmeasure for kind, score in scores.items()}
    wanted, written = map(_tokenizer(language).tokenize, (reference, summary))
    length = common_subsequence(wanted, written)
    shares = (length / max(1, len(written)), length / max(1, len(wanted)))
    return found | {"rougeL": fmeasure(*shares)}


@cache
def _scorer(language: str) -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(KINDS[:2], tokenizer=_tokenizer(language))


@cache
def _tokenizer(language: str) -> Any:
    from rouge_score.tokenizers import DefaultTokenizer

    return DefaultTokenizer(use_stemmer=True) if language == ENGLISH else _Tokenizer(language)


class _Tokenizer:
    """What the package calls to cut a text."""

    def __init__(self, language: str) -> None:
        self.language = language

    def tokenize(self, text: str) -> list[str]:
        """The stems of a text's words, stop words included."""
        return [stemmer(self.language)(word) for word in words(text, self.language)]
