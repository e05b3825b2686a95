"""Cosines of sentences and opinions under a sentence-embedding model of Hugging Face."""

from collections.abc import Sequence

import numpy as np

from fairprune.fairness.language_models import BATCH, Judge


def sentence_vectors(judge: Judge, texts: Sequence[str]) -> np.ndarray:
    """One vector of length 1 a text, texts × width: the mean over its tokens' last hidden states.

    Special tokens count, padding does not. Source: Reimers & Gurevych, EMNLP 2019 (mean pooling).
    """
    import torch

    found = []
    with torch.inference_mode():
        for start in range(0, len(texts), BATCH):
            inputs = judge.encoded(texts[start : start + BATCH])
            mask = inputs["attention_mask"][..., None].double()
            hidden = judge.model(**inputs).last_hidden_state.double()
            means = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
            found.append(torch.nn.functional.normalize(means, dim=1).cpu().numpy())
    return np.concatenate(found)


def embedded_cosines(judge: Judge, sentences: Sequence[str], opinions: Sequence[str]) -> np.ndarray:
    """Cosine of every sentence with every opinion, sentences × opinions, in [−1, 1]."""
    if not sentences or not opinions:
        return np.zeros((len(sentences), len(opinions)))
    vectors = sentence_vectors(judge, [*sentences, *opinions])
    return vectors[: len(sentences)] @ vectors[len(sentences) :].T
