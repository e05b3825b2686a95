"""Attribution by BERTScore of the summary against each group's opinions."""

from collections.abc import Mapping, Sequence

import numpy as np
from tqdm import tqdm

from fairprune.errors import FairpruneError
from fairprune.fairness.attributed import Attributed, Known
from fairprune.fairness.attribution._known import Place, group_texts, known_by_item, sampled
from fairprune.fairness.attribution.tokens import attribute as count
from fairprune.fairness.declare import Attributions, Context, attribution
from fairprune.fairness.inputs import Item
from fairprune.fairness.language_models import BATCH, OPTIONS, Judge, load_judge
from fairprune.fairness.softmax import TEMPERATURE, softmax
from fairprune.pruning.options import Option

F1, PRECISION = "f1", "precision"
CHOICES = OPTIONS | {
    "layer": Option(-1, "hidden layer that is compared (0: embeddings; −1: the last)", low=-1),
    "score": Option(F1, "which part of BERTScore is compared", choices=(F1, PRECISION)),
    "baseline": Option(
        0.0, "score of unrelated texts, which becomes 0 (1 stays)", low=-1, high=0.99
    ),
    "temperature": Option(TEMPERATURE, "of the softmax over groups", low=1e-6),
}


def bert_score(
    candidate: np.ndarray, reference: np.ndarray, score: str = F1, baseline: float = 0.0
) -> float:
    """BERTScore of two texts from their token vectors (tokens × width).

    Every token is matched with the most similar one of the other text (cosine); precision is the
    mean over the candidate's tokens, recall over the reference's. No idf weights. Rescaled by
    `(x − baseline) / (1 − baseline)`; without a baseline in [−1, 1]. Source: Zhang et al., ICLR
    2020.
    """
    cosines = candidate @ reference.T
    sizes = np.outer(np.linalg.norm(candidate, axis=1), np.linalg.norm(reference, axis=1))
    cosines = cosines / np.maximum(sizes, 1e-12)
    precision, recall = cosines.max(axis=1).mean(), cosines.max(axis=0).mean()
    total = precision + recall
    found = precision if score == PRECISION else 2 * precision * recall / total if total else 0.0
    return float((found - baseline) / (1 - baseline))


def load_encoder(model: str, revision: str, layer: int, device: str) -> Judge:
    """An encoder that has the hidden layer `layer`; see `load_judge`.

    Raises:
        FairpruneError: a model that cannot be loaded, or has fewer layers.
    """
    judge = load_judge("AutoModel", model, revision, device)
    layers = judge.model.config.num_hidden_layers
    if layer > layers:
        raise FairpruneError(f"bertscore.layer={layer}: the model has {layers} hidden layers")
    return judge


def token_vectors(judge: Judge, texts: Sequence[str], layer: int) -> dict[str, np.ndarray]:
    """Text → its tokens' vectors at a hidden layer, without special tokens."""
    import torch

    found: dict[str, np.ndarray] = {}
    wanted = sorted(set(texts))
    with torch.inference_mode():
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            inputs = judge.encoded(batch, special=True)
            kept = inputs.pop("special_tokens_mask") == 0
            hidden = judge.model(**inputs, output_hidden_states=True).hidden_states[layer]
            for text, vectors, mask in zip(batch, hidden, kept, strict=True):
                found[text] = vectors[mask].double().cpu().numpy()
    return found


@attribution(
    "bertscore",
    source="Zhang et al., NAACL 2024 (PerspectiveSumm)",
    needs=("model",),
    options=CHOICES,
)
def bertscore(
    items: Sequence[Item],
    context: Context,
    model: str = "",
    revision: str = "",
    layer: int = -1,
    score: str = F1,
    baseline: float = 0.0,
    temperature: float = TEMPERATURE,
) -> Attributions:
    """Needs an encoder. p as `tokens` counts it; q: softmax over groups of `bert_score`.

    A group's text is its opinions, each encoded by itself, side by side. The published code
    rescales precision by a baseline and has temperature 2: `score=precision`, `baseline` (of the
    encoder, as the package bert-score lists it) and `temperature=2`.
    """
    judge = load_encoder(model, revision, layer, context.device)
    vectors: dict[str, np.ndarray] = {}

    def shares(text: str, texts: Mapping[str, Sequence[str]]) -> dict[str, float]:
        """Group → share of a text among the groups' texts; empty where one holds no token."""
        groups = {g: np.concatenate([vectors[t] for t in of]) for g, of in texts.items()}
        if not len(vectors[text]) or not groups or not all(map(len, groups.values())):
            return {}
        scores = {g: bert_score(vectors[text], of, score, baseline) for g, of in groups.items()}
        return softmax(scores, temperature)

    def known(place: Place, without: int | None) -> dict[str, float]:
        return shares(place.text, group_texts(items[place.item], without))

    places = sampled(items, context.language)
    rows: list[Attributed] = []
    for number, item in enumerate(tqdm(items, desc="bertscore", disable=None)):
        mine = [place for place in places if place.item == number]
        wanted = [*item.opinions, *(place.text for place in mine), item.summary]
        vectors = token_vectors(judge, wanted, layer)
        q = shares(item.summary, group_texts(item)) if item.summary else {}
        seen: list[Known] = known_by_item(items, mine, known)[number]
        p = count(item, language=context.language).p
        rows.append(Attributed(p, q or None, known=seen))
    return Attributions(rows, judge.figures)
