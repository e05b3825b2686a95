"""Coverage of each opinion by a natural-language-inference model."""

from collections.abc import Sequence

from fairprune.errors import FairpruneError
from fairprune.fairness.attributed import Attributed
from fairprune.fairness.declare import Attributions, Context, attribution
from fairprune.fairness.inputs import Item
from fairprune.fairness.language_models import OPTIONS, Judge, batches, load_judge
from fairprune.fairness.quotes import cut


def entailment(judge: Judge, pairs: Sequence[tuple[str, str]]) -> list[float]:
    """The probability, for each pair, that the first text entails the second.

    Raises:
        FairpruneError: no label of the model begins with "entail".
    """
    import torch

    labels = {name.lower(): number for name, number in judge.model.config.label2id.items()}
    number = next((n for name, n in labels.items() if name.startswith("entail")), None)
    if number is None:
        raise FairpruneError(
            f"nli.model has no label 'entailment' (its labels: {', '.join(sorted(labels))})"
        )
    found: list[float] = []
    with torch.inference_mode():
        for batch in batches(pairs, "nli"):
            logits = judge.model(**judge.encoded(*zip(*batch, strict=True))).logits
            found += logits.double().softmax(dim=-1)[:, number].tolist()
    return found


@attribution(
    "nli",
    source="Li et al., NAACL 2025",
    needs=("model",),
    gives=("coverage",),
    options=OPTIONS,
)
def nli(
    items: Sequence[Item], context: Context, model: str = "", revision: str = ""
) -> Attributions:
    """Needs an NLI model. Gives no p and q, but coverage.

    Coverage of an opinion: the mean over the summary's sentences of the probability that the
    opinion entails the sentence. This departs from Li et al., who cut the summary into atomic
    statements by a large language model, cut the opinions into blocks, take each statement's best
    block, and count it only where entailment is the model's likeliest answer: here sentences, whole
    opinions, and the probability itself, so that no second model writes what is judged.
    """
    judge = load_judge("AutoModelForSequenceClassification", model, revision, context.device)
    said = [cut(item.summary, item.opinions, context.language) for item in items]
    pairs = [
        (opinion, sentence)
        for item, found in zip(items, said, strict=True)
        for opinion in item.opinions
        for sentence in found
    ]
    given = iter(entailment(judge, pairs))
    rows = []
    for item, found in zip(items, said, strict=True):
        coverage = [sum(next(given) for _ in found) / len(found) for _ in item.opinions if found]
        rows.append(Attributed(None, None, coverage=coverage or None))
    return Attributions(rows, judge.figures)
