"""Attribution by BERTScore of the summary against each group's opinions."""

from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from fairprune.errors import FairpruneError
from fairprune.fairness.attribution.tokens import attribute as count
from fairprune.fairness.declare import Attributions, Context, attribution
from fairprune.fairness.inputs import Attributed, Item
from fairprune.fairness.language_models import BATCH, OPTIONS, Judge, load_judge
from fairprune.fairness.softmax import TEMPERATURE, softmax
from fairprune.pruning.options import Option

CHOICES = OPTIONS | {
    "layer": Option(-1, "hidden layer that is compared (0: embeddings; −1: the last)", low=-1),
    "temperature": Option(TEMPERATURE, "of the softmax over groups", low=1e-6),
}


def bert_score(candidate: np.ndarray, reference: np.ndarray) -> float:
    """BERTScore F1 of two texts from their token vectors (tokens × width), in [−1, 1].

    Every token is matched with the most similar one of the other text (cosine); precision is the
    mean over the candidate's tokens, recall over the reference's. No idf weights, no rescaling.
    Source: Zhang et al., ICLR 2020.
    """
    cosines = candidate @ reference.T
    sizes = np.outer(np.linalg.norm(candidate, axis=1), np.linalg.norm(reference, axis=1))
    cosines = cosines / np.maximum(sizes, 1e-12)
    precision, recall = cosines.max(axis=1).mean(), cosines.max(axis=0).mean()
    total = precision + recall
    return float(2 * precision * recall / total) if total else 0.0


def attribute(
    item: Item, summary: np.ndarray, texts: dict[str, np.ndarray], temperature: float
) -> Attributed:
    """p as `tokens` counts it; q: softmax over groups of the summary's F1 with the group's text."""
    if not len(summary) or not all(map(len, texts.values())) or not texts:
        return Attributed(count(item).p, None)
    scores = {group: bert_score(summary, text) for group, text in texts.items()}
    return Attributed(count(item).p, softmax(scores, temperature))


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
    temperature: float = TEMPERATURE,
) -> Attributions:
    """Needs an encoder. A group's text is its opinions, each encoded by itself, side by side."""
    judge = load_encoder(model, revision, layer, context.device)
    rows = []
    for item in tqdm(items, desc="bertscore", disable=None):
        groups = item.groups if item.summary else ()
        vectors = token_vectors(judge, (item.summary, *item.opinions) if groups else (), layer)
        texts = {
            group: np.concatenate([vectors[text] for text in item.texts(group)]) for group in groups
        }
        rows.append(attribute(item, vectors.get(item.summary, ()), texts, temperature))
    return Attributions(rows, judge.figures)
