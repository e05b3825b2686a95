"""Training examples: inputs drawn without end from the templates, as batches of token ids."""

import random
from collections.abc import Iterator

import torch
from opinions.inputs import Input, Writer, mixes, plans
from opinions.splits import reserved_opinions
from opinions.words import LABELS

# Short inputs come first: the model learns to look back in them, and then at length. The last
# lesson, after these, is inputs as they are shipped.
LESSONS = [
    [((1, 1), (0, 0)), ((1, 1), (1, 1))],
    [((1, 1), (1, 1)), ((2, 1), (1, 1)), ((2, 2), (1, 1)), ((2, 2), (2, 2))],
    [((3, 3), (1, 1)), ((3, 2), (1, 1)), ((3, 2), (3, 2)), ((3, 3), (3, 3)), ((4, 2), (2, 1))],
]
Batch = tuple[torch.Tensor, torch.Tensor]


class Examples:
    """A seeded stream of inputs, none with an opinion or a held-out pair of the shipped splits."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        reserved = {text for task in LABELS for text in reserved_opinions(task)}
        self.writer = Writer(self.rng, taken=reserved)

    def draw(self, lesson: int = len(LESSONS)) -> Input:
        """The next input of a lesson."""
        task = self.rng.choice(list(LABELS))
        mix = self.rng.choice(mixes(task))
        return self.writer.write(task, mix, self.rng.choice([*LESSONS, plans(mix)][lesson]))

    def batches(self, tokenizer, tokens: int, lesson: int) -> list[Batch]:
        """Some batches of about `tokens` ids, in drawn order."""
        drawn = [encode(tokenizer, self.draw(lesson)) for _ in range(tokens // 16)]
        cut = list(_cut(sorted(drawn, key=lambda pair: len(pair[0])), tokens))
        self.rng.shuffle(cut)
        return [pad(encoded) for encoded in cut]

    def echo(self, tokenizer, tokens: int) -> Batch:
        """Drawn ids said twice; the second time counts as the summary."""
        length = self.rng.randrange(8, 40)
        rows = max(1, tokens // (2 * length))
        generator = torch.Generator().manual_seed(self.rng.getrandbits(32))
        said = torch.randint(3, len(tokenizer), (rows, length), generator=generator)
        begin = torch.full((rows, 1), tokenizer.bos_token_id)
        ids = torch.cat([begin, said, said], 1)
        is_summary = (torch.arange(ids.shape[1]) > length + 1).expand(ids.shape)
        return ids, is_summary


def encode(tokenizer, example: Input) -> tuple[list[int], int]:
    """Token ids of prompt and summary, and how many of them are the prompt's."""
    prompt = tokenizer(example.prompt)["input_ids"]
    summary = tokenizer(" " + example.summary, add_special_tokens=False)["input_ids"]
    return [*prompt, *summary, tokenizer.eos_token_id], len(prompt)


def pad(encoded: list[tuple[list[int], int]]) -> Batch:
    """Ids padded on the right with 0, and which of them are the summary's; both batch × length."""
    ids = torch.zeros(len(encoded), max(len(row) for row, _ in encoded), dtype=torch.long)
    is_summary = torch.zeros_like(ids, dtype=torch.bool)
    for target, mask, (row, start) in zip(ids, is_summary, encoded, strict=True):
        target[: len(row)] = torch.tensor(row)
        mask[start : len(row)] = True
    return ids, is_summary


def _cut(encoded: list[tuple[list[int], int]], tokens: int) -> Iterator[list]:
    """Neighbours in length together, so that little is padding."""
    batch: list = []
    for row in encoded:
        if batch and (len(batch) + 1) * len(row[0]) > tokens:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
