"""Where a model's transformer blocks are, and the linear layers inside them.

Both are found from the module tree, so that any decoder that transformers lays out alike
works without a list of architectures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from fairprune.errors import FairpruneError

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def find_blocks(model: PreTrainedModel) -> tuple[str, nn.ModuleList]:
    """The transformer blocks of a causal language model, with the path of their list.

    It is the one `nn.ModuleList` whose length is the configuration's number of hidden layers;
    of several (a vision tower beside the text model), the one inside the text decoder.

    Raises:
        FairpruneError: no such list, several of them, or a mixture of experts.
    """
    config = model.config.get_text_config(decoder=True)
    length = config.num_hidden_layers
    found = _lists(model, length)
    if len(found) > 1:
        decoder = model.get_decoder()
        inside = {id(blocks) for _, blocks in _lists(decoder, length)}
        found = [(path, blocks) for path, blocks in found if id(blocks) in inside]
    if len(found) != 1:
        named = " (" + ", ".join(path for path, _ in found) + ")" if found else ""
        raise FairpruneError(
            f"{type(model).__name__} has {len(found)} module lists of {length} blocks, "
            f"the configuration's number of hidden layers{named}: exactly one is needed"
        )
    path, blocks = found[0]
    refuse_experts(model)
    return path, blocks


def _lists(module: nn.Module, length: int) -> list[tuple[str, nn.ModuleList]]:
    """Module lists of a length that lie in no other such list."""
    found: list[tuple[str, nn.ModuleList]] = []
    for path, part in module.named_modules():
        nested = any(path.startswith(outer + ".") for outer, _ in found)
        if isinstance(part, nn.ModuleList) and len(part) == length and not nested:
            found.append((path, part))
    return found


def refuse_experts(model: nn.Module) -> None:
    """Refuse a mixture of experts: its layers see only the tokens that are routed to them.

    Raises:
        FairpruneError: a module called `experts` stands in the tree.
    """
    for path, _ in model.named_modules():
        if path.rsplit(".", 1)[-1] == "experts":
            raise FairpruneError(
                f"{type(model).__name__} is a mixture of experts ({path}): "
                "only dense decoders can be pruned, choose one"
            )


def refuse_further(model: PreTrainedModel, stored: Iterable[str]) -> None:
    """Refuse files that hold more blocks than the configuration says, or biases that it denies.

    Args:
        model: what the configuration describes.
        stored: names of the tensors in the files, as the model names them.

    Raises:
        FairpruneError: it names the first tensor of a further block, or the bias of a linear
            layer without one, unless the model itself says that it is to be left out.
    """
    path, blocks = find_blocks(model)
    block = re.compile(re.escape(path) + r"\.(\d+)\.")
    left_out = model._keys_to_ignore_on_load_unexpected or ()
    bare = {n for n, m in model.named_modules() if type(m) is nn.Linear and m.bias is None}
    for name in stored:
        if any(re.search(pattern, name) for pattern in left_out):
            continue
        stem, _, kind = name.rpartition(".")
        if kind == "bias" and stem in bare:
            raise FairpruneError(
                f"{name} is stored, but by config.json this layer has no bias: it would be left "
                "out; take a folder whose configuration knows it (attention_bias, mlp_bias)"
            )
        found = block.match(name)
        if found is not None and int(found[1]) >= len(blocks):
            raise FairpruneError(
                f"{name} is stored, but config.json says that there are {len(blocks)} hidden "
                "layers: configuration and weights are not of one model, copy its folder again"
            )


def refuse_uncalled(layers: Iterable[str], called: Iterable[str]) -> None:
    """Refuse layers that their block has not called: it uses their weights in another way.

    Raises:
        FairpruneError: it names the first one.
    """
    if missing := sorted(set(layers) - set(called)):
        raise FairpruneError(
            f"{missing[0]} is never called by its block, so that nothing can be measured of what "
            "it receives: only methods without statistics (magnitude, random) prune this model"
        )


def find_layers(path: str, block: nn.Module) -> dict[str, nn.Linear]:
    """The linear layers of one block: full module path → layer, in the module's order.

    Args:
        path: where the block stands in the model ("model.layers.0").
        block: the block.

    Raises:
        FairpruneError: the block has no linear layer (GPT-2's convolutions are none).
    """
    layers = {
        f"{path}.{name}": module
        for name, module in block.named_modules()
        if isinstance(module, nn.Linear)
    }
    if not layers:
        raise FairpruneError(
            f"{path} ({type(block).__name__}) has no torch.nn.Linear: nothing can be pruned in it"
        )
    return layers


@contextmanager
def observed_inputs(
    block: nn.Module,
    layers: Mapping[str, nn.Linear],
    on_input: Callable[[str, torch.Tensor], None],
) -> Iterator[dict[str, str]]:
    """While open, call `on_input(leader, x)` once for every distinct input of the block's layers.

    Layers that receive the very same tensor (q, k, v; gate, up) form a group: the first of
    them to be called is its leader, so that what depends on the input alone is computed once.

    Args:
        block: the block that will be called, any number of times.
        layers: what `find_layers` gave for it.
        on_input: takes the leader's path and `x`: samples × tokens × in, in the model's dtype.

    Yields:
        layer path → leader path, filled as the layers are called.

    Raises:
        FairpruneError: a layer was never called.
    """
    leaders: dict[str, str] = {}
    # The tensors are held during a call of the block, so that no address is used again in it.
    seen: dict[tuple[Any, ...], tuple[str, torch.Tensor]] = {}
    samples = 1

    def begin(_: nn.Module, args: tuple[Any, ...]) -> None:
        nonlocal samples
        samples = args[0].shape[0]
        seen.clear()

    def receive(name: str, x: torch.Tensor) -> None:
        key = (x.data_ptr(), x.shape, x.stride(), x._version)
        if key in seen:
            leaders.setdefault(name, seen[key][0])
            return
        seen[key] = (name, x)
        leaders.setdefault(name, name)
        on_input(name, x.reshape(samples, -1, x.shape[-1]))

    def hook(name: str) -> Callable[..., Any]:
        return lambda _, args: receive(name, args[0])

    handles = [layer.register_forward_pre_hook(hook(name)) for name, layer in layers.items()]
    handles.append(block.register_forward_pre_hook(begin))
    handles.append(block.register_forward_hook(lambda *_: seen.clear()))
    try:
        yield leaders
    finally:
        for handle in handles:
            handle.remove()
    refuse_uncalled(layers, leaders)
