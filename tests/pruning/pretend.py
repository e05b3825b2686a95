"""Numbers that pretend to lie on a GPU: the code for one runs, and can be asked how it did.

They are computed on the host, so that results can be compared. What would mix devices, or would
need numbers of a GPU on the host without fetching them, is an error.
"""

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

T, CUDA = torch.Tensor, torch.device("cuda")
WAITING = {T.item, T.tolist, T.cpu, T.nonzero, torch.nonzero, torch.bincount}
WAITING |= {T.__bool__, T.__int__, T.__float__, T.__index__}
LEAVING = WAITING - {T.nonzero, torch.nonzero, torch.bincount}
VIEWS = "alias detach diagonal narrow permute select slice split split_with_sizes t transpose"
VIEWS = {*VIEWS.split(), "unbind", "unsqueeze", "squeeze", "view", "_unsafe_view", "expand"}


class There(torch.Tensor):
    """A tensor that pretends."""

    device, is_cuda = CUDA, True

    def __deepcopy__(self, memo):
        made = self.detach().clone()
        return torch.nn.Parameter(made, self.requires_grad) if hasattr(self, "_is_param") else made


class Pretended(TorchFunctionMode):
    """While open, tensors of `put` and those made on "cuda" pretend.

    `waits` says how often the host waited for them, `fetched` how many bytes it got.
    """

    def __init__(self):
        super().__init__()
        self.waits = self.fetched = 0

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if function in (T.numpy, torch.from_numpy):
            assert not isinstance(args[0], There), "numbers of a GPU are read on the host"
        found = [t for t in tree_leaves((args, kwargs)) if isinstance(t, T)]
        there = [t for t in found if isinstance(t, There)]
        target = kwargs.get("device")
        if function is T.to:
            target = next((a for a in args[1:] if isinstance(a, (str, torch.device))), target)
        target = None if target is None else torch.device(target).type
        here = lambda a: torch.device("cpu") if isinstance(a, (str, torch.device)) else a  # noqa: E731
        if there and function is not T.to:
            mixed = [t for t in found if not isinstance(t, There) and t.ndim]
            assert not mixed or function is T.copy_, f"{function} mixes devices"
        self.waits += bool(there) and self._waits(function, args, target)
        if target:
            kwargs = {k: here(v) for k, v in kwargs.items()}
            args = tuple(here(a) for a in args)
        if function is torch.histc and not args[0].is_floating_point():  # as only a GPU does
            function, args, kwargs = torch.bincount, args[:1], {"minlength": args[1]}
        with torch._C.DisableTorchFunctionSubclass():
            made = function(*args, **kwargs)
        leaves = function in LEAVING or target == "cpu"
        if (there or target == "cuda") and not leaves:
            return tree_map(put, made)
        if there and leaves:
            self.fetched += there[0].nbytes
        return tree_map(_back, made) if leaves else made

    def _waits(self, function, args, target):
        if function is T.__getitem__:
            keys = args[1] if isinstance(args[1], tuple) else (args[1],)
            keys = [k for k in keys if isinstance(k, T)]
            return any(k.dtype == torch.bool or not k.ndim for k in keys)
        return function in WAITING or target == "cpu"


class Kernels(TorchDispatchMode):
    """Counts operations; what only looks at a tensor in another way is none."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        name = operation.overloadpacket.__name__
        if name not in VIEWS:
            self.names.append(name)
        return operation(*args, **(kwargs or {}))


def put(x):
    """A tensor, pretending from here on; anything else as it is."""
    return x.as_subclass(There) if type(x) is T else x


def _back(x):
    return x.as_subclass(T) if isinstance(x, There) else x
