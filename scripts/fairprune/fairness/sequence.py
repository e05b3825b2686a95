"""A Hugging Face text-classification model as the classifier of summary sentences."""

from collections.abc import Callable, Sequence
from typing import Any

from fairprune.errors import FairpruneError, unknown
from fairprune.fairness.accuracy import accuracy
from fairprune.fairness.declare import Context
from fairprune.fairness.language_models import batches, load_judge


def load_classifier(
    name: str, revision: str, labels: str, context: Context
) -> tuple[Callable[[list[str]], list[str | None]], dict[str, Any]]:
    """A function from sentences to groups, and figures about it.

    Args:
        name, revision: see `language_models.load_judge`.
        labels: `MODEL_LABEL:GROUP,…`; empty: the model's labels are the groups, case aside. A
            sentence that gets another label is given to no group (None).

    The figures hold the accuracy on `context.train`, where there is any: the model has not
    learned from it, so nothing is cross-validated.

    Raises:
        FairpruneError: a model that cannot be loaded, or labels that do not fit.
    """
    judge = load_judge("AutoModelForSequenceClassification", name, revision, context.device)
    names = [judge.model.config.id2label[n] for n in range(judge.model.config.num_labels)]
    group_of = label_map(labels, names, context.groups)

    def classify(sentences: list[str]) -> list[str | None]:
        import torch

        given: list[str | None] = []
        with torch.inference_mode():
            for texts in batches(sentences, "classifier"):
                found = judge.model(**judge.encoded(texts)).logits.argmax(dim=-1).tolist()
                given += [group_of.get(names[number]) for number in found]
        return given

    figures = {**judge.figures, "label_map": group_of}
    if context.train:
        texts, groups = zip(*context.train, strict=True)
        figures |= accuracy(groups, classify(list(texts)))
    return classify, figures


def label_map(labels: str, names: Sequence[str], groups: Sequence[str]) -> dict[str, str]:
    """Model label → group, from `MODEL_LABEL:GROUP,…` or from equal names.

    Raises:
        FairpruneError: a part that is no pair, an unknown label or group, a group without label.
    """
    found = {}
    for part in filter(None, labels.split(",")):
        label, colon, group = (text.strip() for text in part.rpartition(":"))
        if not colon:
            raise FairpruneError(f"classifier.labels: {part!r} is not MODEL_LABEL:GROUP")
        if label not in names:
            raise unknown("label", label, names, " of the model in classifier.labels")
        if group not in groups:
            raise unknown("group", group, groups, " in classifier.labels")
        found[label] = group
    if not labels:
        lower = {group.lower(): group for group in groups}
        found = {name: lower[name.lower()] for name in names if name.lower() in lower}
    if missing := sorted(set(groups) - set(found.values())):
        raise FairpruneError(
            f"no label of the model stands for group {missing[0]!r} (its labels: "
            f"{', '.join(names)}); say so with --option classifier.labels=MODEL_LABEL:GROUP,…"
        )
    return found
