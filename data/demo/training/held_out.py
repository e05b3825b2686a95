"""What the trained model reaches on the test split."""

import torch
from opinions.inputs import Input
from opinions.splits import draw_task
from opinions.words import LABELS

from training.examples import encode, pad


def summarise(model, tokenizer, prompts: list[str], batch: int = 16) -> list[str]:
    """Greedy summaries, in the order of the prompts."""
    summaries = [""] * len(prompts)
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        given = tokenizer(
            [prompts[index] for index in chosen],
            padding=True,
            padding_side="left",
            return_tensors="pt",
            return_token_type_ids=False,
        )
        output = model.generate(**given, max_new_tokens=128, do_sample=False)
        written = output[:, given["input_ids"].shape[1] :]
        for index, text in zip(
            chosen, tokenizer.batch_decode(written, skip_special_tokens=True), strict=True
        ):
            summaries[index] = text.strip()
    return summaries


@torch.no_grad()
def measure(model, tokenizer, count: int) -> dict[str, float]:
    """Loss of a summary token and agreement of greedy summaries with the references, by task."""
    model.eval()
    figures = {}
    for task in LABELS:
        inputs = draw_task(task)["test"][:count]
        ids, is_summary = pad([encode(tokenizer, one) for one in inputs])
        losses = torch.nn.functional.cross_entropy(
            model(input_ids=ids, use_cache=False).logits[:, :-1].transpose(1, 2),
            ids[:, 1:],
            reduction="none",
        )
        figures[f"{task}: loss of a summary token"] = losses[is_summary[:, 1:]].mean().item()
        summaries = summarise(model, tokenizer, [one.prompt for one in inputs])
        figures.update(
            {f"{task}: {name}": value for name, value in _agreement(summaries, inputs).items()}
        )
    return figures


def _agreement(summaries: list[str], inputs: list[Input]) -> dict[str, float]:
    said = [set(text.removesuffix(".").split(". ")) for text in summaries]
    wanted = [set(one.summary.removesuffix(".").split(". ")) for one in inputs]
    given = [{point.sentence().removesuffix(".") for point in one.points} for one in inputs]

    def shared(others: list[set[str]]) -> int:
        return sum(len(mine & other) for mine, other in zip(said, others, strict=True))

    equal = [text == one.summary for text, one in zip(summaries, inputs, strict=True)]
    return {
        "share of sentences that the input says": shared(given) / sum(map(len, said)),
        "share of the reference's sentences": shared(wanted) / sum(map(len, wanted)),
        "summaries equal to the reference": sum(equal) / len(equal),
    }
