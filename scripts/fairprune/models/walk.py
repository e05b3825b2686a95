"""The walk through a model block by block, with all calibration samples in step.

One block is held on the device at a time. What it receives beside the hidden states is taken
from the model's own forward pass, so the walk gives the same logits as the model called whole.
"""

from collections.abc import Iterator, MutableMapping, Sequence

import torch
from torch import nn

from fairprune.errors import FairpruneError
from fairprune.models import processes
from fairprune.models.arguments import Arguments, call_block, shared_with
from fairprune.models.memory import Keeper
from fairprune.models.recording import finish, record, takes_tuples
from fairprune.models.whole import Blocks

SLOTS, SLOT_TOKENS = 8, 2048
BATCH_TOKENS = {"cpu": 4096, "cuda": 8192}

Batches = list[torch.Tensor]
"""Hidden states of all samples: one tensor a batch, samples × tokens × hidden."""


class Walk:
    """Calibration samples on their way through the blocks of a model.

    The usual walk::

        walk = Walk(open_blocks(folder), input_ids)
        hidden = walk.embed()
        for index, name in enumerate(walk.names):
            with walk.block(index) as block:
                hidden = walk.run(index, block, hidden)
        for logits in walk.finish(hidden): ...

    The hidden states belong to the caller, who may send several variants of them through the
    same block, or the same ones twice.
    """

    def __init__(
        self, blocks: Blocks, input_ids: torch.Tensor, batch_size: int | None = None
    ) -> None:
        """A walk of `input_ids`, int64, samples × tokens, in batches of `batch_size` samples.

        The samples are cut into slots and those into batches, by the samples' number and
        length alone: where several processes share the slots out, every sample is computed
        in the same company as where one does all.

        Raises:
            FairpruneError: there are more processes than slots.
        """
        self.blocks = blocks
        self.names = blocks.names
        self.block = blocks.block
        self.device = blocks.device
        self.slot = slot_samples(*input_ids.shape)
        size = batch_size or max(1, BATCH_TOKENS[self.device.type] // input_ids.shape[1])
        slots = my_share(input_ids.split(self.slot))
        self.input_ids = [batch for slot in slots for batch in slot.split(size)]
        self._keeper = Keeper(self.device, blocks.memory)
        self._as_tuple: bool | None = None
        self._given: list[list[Arguments]] = []

    def __len__(self) -> int:
        """The number of blocks."""
        return len(self.blocks)

    def embed(self) -> Batches:
        """What the first block receives."""
        self._given = []
        hidden = []
        modules = self.blocks.modules
        with self.blocks.outside() as model:
            for ids in self.input_ids:
                ids = ids.to(self.device)
                if self._as_tuple is None:
                    self._as_tuple = takes_tuples(model, modules, ids[:1])
                x, given = record(model, modules, ids, self._as_tuple)
                known = self._given[0] if self._given else None
                self._given.append(shared_with(given, known))
                hidden.append(self.keep(x))
        return hidden

    def call(self, index: int, block: nn.Module, number: int, x: torch.Tensor) -> torch.Tensor:
        """What block `index` makes of batch `number`; with gradients where they are on."""
        return call_block(block, x, self._given[number][index])

    def run(
        self, index: int, block: nn.Module, hidden: Batches, *, replace: bool = False
    ) -> Batches:
        """What block `index` makes of all batches, in order, without gradients.

        With `replace`, `hidden` itself becomes that, so that both are never held together.

        Raises:
            FairpruneError: the block gives NaN or infinite values.
        """
        outputs = hidden if replace else list(hidden)
        ends = []
        with torch.no_grad():
            for number, x in enumerate(self.staged(hidden)):
                y = self.call(index, block, number, x)
                ends.append(ends_of(y))
                outputs[number] = self.keep(y)
        self.refuse_not_finite(index, ends)
        return outputs

    def refuse_not_finite(self, index: int, ends: list[torch.Tensor]) -> None:
        """Refuse what block `index` gave, of which `ends` are least and greatest values.

        Raises:
            FairpruneError: it names the block.
        """
        if ends and not torch.isfinite(torch.stack(ends)).all():  # one wait for all batches
            raise FairpruneError(
                f"{self.names[index]} gives NaN or infinite values in "
                f"{str(ends[0].dtype).removeprefix('torch.')}: use --dtype bfloat16 or float32"
            )

    def refuse_shared_state(self) -> None:
        """Refuse blocks that left each other more than hidden states, as Gemma 4's keys and values.

        Going through them in order alone is right: neither gradients nor two variants of the
        hidden states pass through what they left. To be called when all have been called.

        Raises:
            FairpruneError: it names the argument.
        """
        for name, value in ((k, v) for a in self._given[0] for k, v in a.kwargs.items()):
            if isinstance(value, MutableMapping) and value:
                raise FairpruneError(
                    f"{type(self.blocks.model).__name__}: blocks hand {name} to later ones beside "
                    "hidden states: gradients, and allocations that search, cannot follow that; "
                    "choose a method without them (wanda, sparsegpt)"
                )

    def staged(self, hidden: Batches) -> Iterator[torch.Tensor]:
        """Each batch on the device, the next one on its way while this one is used."""
        ahead = None
        for number, kept in enumerate(hidden):
            x, ready = ahead or self._keeper.send(kept)
            ahead = self._keeper.send(hidden[number + 1]) if number + 1 < len(hidden) else None
            if ready is not None:
                present = torch.cuda.current_stream(self.device)
                present.wait_event(ready)
                x.record_stream(present)
            yield x

    def keep(self, x: torch.Tensor) -> torch.Tensor:
        """One batch, put where there is room for it; `staged` gives it back."""
        return self._keeper.keep(x.detach())

    @property
    def vocabulary(self) -> int:
        """The number of tokens that the model knows."""
        return self.blocks.model.get_input_embeddings().num_embeddings

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        """Logits, samples × tokens × vocabulary, of any stretch of the last block's outputs.

        `blocks.outside()` must be open.
        """
        return finish(self.blocks.model, self.blocks.modules, x, bool(self._as_tuple))

    def finish(self, hidden: Batches) -> Iterator[torch.Tensor]:
        """Logits of each batch, from the last block's outputs, without gradients."""
        with self.blocks.outside():
            for x in self.staged(hidden):
                with torch.no_grad():
                    logits = self.logits(x)
                yield logits


def ends_of(x: torch.Tensor) -> torch.Tensor:
    """The least and the greatest value; NaN where there is one."""
    return torch.stack(torch.aminmax(x))


def slot_samples(samples: int, tokens: int) -> int:
    """Samples a slot: eight slots, fewer where samples are few or short."""
    slots = min(samples, SLOTS, max(2, samples * tokens // SLOT_TOKENS))
    return -(-samples // slots)


def my_share(slots: Sequence[torch.Tensor]) -> Sequence[torch.Tensor]:
    """The stretch of slots that belongs to this process."""
    count, number = processes.count(), processes.number()
    if count > len(slots):
        raise FairpruneError(
            f"{count} processes cannot share {len(slots)} slots of samples: start at most "
            f"{len(slots)}, or take a larger calibration set"
        )
    return slots[len(slots) * number // count : len(slots) * (number + 1) // count]
