"""How much faster 2:4 weights are: PyTorch's semi-structured product against the dense one."""

import torch
from gpu_parts.row import row, timed
from measure import SHAPES
from torch.nn.functional import linear
from torch.sparse import to_sparse_semi_structured

TIMES = 100


def rows(options):
    """The dense product's time over the sparse one's, a batch's tokens each."""
    if options.device != "cuda":
        return []
    hidden, inner = SHAPES[options.shape][:2]
    weight = torch.randn(inner, hidden, device="cuda", dtype=torch.bfloat16)
    weight *= torch.tensor([0, 0, 1, 1], device="cuda").tile(inner, hidden // 4)
    sparse, found = to_sparse_semi_structured(weight), []
    for tokens in (16, 256, 4096):
        x = torch.randn(tokens, hidden, device="cuda", dtype=torch.bfloat16)

        def often(w, x=x):
            with torch.inference_mode():
                for _ in range(TIMES):
                    linear(x, w)

        dense, _ = timed(lambda: often(weight))
        packed, _ = timed(lambda: often(sparse))
        found.append(row(f"{inner} × {hidden}, {tokens} tokens", dense / packed, "× dense speed"))
    return found
