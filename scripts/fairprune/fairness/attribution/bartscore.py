"""Attribution by BARTScore: how likely each group's opinions make the summary."""

from collections.abc import Sequence

from fairprune.fairness.attributed import Attributed
from fairprune.fairness.attribution._known import group_texts, known_by_item, sampled
from fairprune.fairness.attribution.tokens import attribute as count
from fairprune.fairness.declare import Attributions, Context, attribution
from fairprune.fairness.inputs import Item
from fairprune.fairness.language_models import OPTIONS, Judge, batches, load_judge
from fairprune.fairness.softmax import TEMPERATURE, softmax
from fairprune.pruning.options import Option

CHOICES = OPTIONS | {
    "temperature": Option(TEMPERATURE, "of the softmax over groups", low=1e-6),
}


def bart_scores(judge: Judge, pairs: Sequence[tuple[str, str]]) -> list[float]:
    """Mean log-probability (nats, ≤ 0) of the second text's tokens given the first, for each pair.

    Source: Yuan et al., NeurIPS 2021, from source to target.
    """
    import torch

    scores: list[float] = []
    with torch.inference_mode():
        for batch in batches(pairs, "bartscore"):
            sources, targets = zip(*batch, strict=True)
            wanted = judge.encoded(targets)
            labels = wanted["input_ids"].masked_fill(wanted["attention_mask"] == 0, -100)
            inputs = judge.encoded(sources)
            logits = judge.model(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                labels=labels,
            ).logits
            losses = torch.nn.functional.cross_entropy(  # over a vocabulary that lies last
                logits.flatten(0, 1).float(), labels.flatten(), reduction="none"
            ).view_as(labels)
            scores += (-losses.sum(dim=1) / (labels != -100).sum(dim=1)).tolist()
    return scores


@attribution(
    "bartscore",
    source="Zhang et al., NAACL 2024 (PerspectiveSumm)",
    needs=("model",),
    options=CHOICES,
)
def bartscore(
    items: Sequence[Item],
    context: Context,
    model: str = "",
    revision: str = "",
    temperature: float = TEMPERATURE,
) -> Attributions:
    """Needs an encoder-decoder. p as `tokens` counts it; q: softmax over groups of `bart_scores`.

    A group's text is its opinions joined by spaces, cut at the model's longest input.
    """
    judge = load_judge("AutoModelForSeq2SeqLM", model, revision, context.device)
    places = sampled(items, context.language)
    asked: list[tuple[int, int | None, str]]
    asked = [(n, None, item.summary) for n, item in enumerate(items) if item.summary]
    asked += [(at.item, without, at.text) for at in places for without in (None, at.opinion)]
    pairs = {
        (" ".join(of), text): None
        for number, without, text in asked
        for of in group_texts(items[number], without).values()
    }
    scores = dict(zip(pairs, bart_scores(judge, list(pairs)), strict=True))

    def shares(number: int, without: int | None, text: str) -> dict[str, float]:
        texts = group_texts(items[number], without)
        found = {group: scores[" ".join(of), text] for group, of in texts.items()}
        return softmax(found, temperature) if found else {}

    known = known_by_item(items, places, lambda at, without: shares(at.item, without, at.text))
    rows = [
        Attributed(
            count(item, language=context.language).p,
            (shares(number, None, item.summary) or None) if item.summary else None,
            known=known[number],
        )
        for number, item in enumerate(items)
    ]
    return Attributions(rows, judge.figures)
