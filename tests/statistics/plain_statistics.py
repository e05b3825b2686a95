"""Plain formulations to compare with: one sample at a time, everything written out."""

import torch


def gradients(model, ids, loss="full", scale=100.0):
    """`NORM.LAYER` → norm, by one backward pass a sample of the model's own loss."""
    model.requires_grad_(True)
    sums = {}
    losses = []
    for sample in ids:
        model.zero_grad()
        labels = sample.clone()
        if loss == "last_token":
            labels[:-1] = -100
        value = model(sample[None], labels=labels[None], use_cache=False).loss
        value.backward()
        losses.append(value.item())
        for name, module in model.named_modules():
            if isinstance(module, torch.nn.Linear):
                g = scale * module.weight.grad.double()
                l1, squares = sums.get(name, (0, 0))
                sums[name] = l1 + g.abs(), squares + g**2
    model.requires_grad_(False)
    norms = {f"l1.{name}": l1 for name, (l1, _) in sums.items()}
    return norms | {f"l2.{name}": s.sqrt() for name, (_, s) in sums.items()}, losses


def inputs(model, ids):
    """Layer → its inputs, samples × tokens × in, float64, one forward pass a sample."""
    seen = {}
    handles = [
        module.register_forward_pre_hook(
            lambda _, args, name=name: seen.setdefault(name, []).append(
                args[0].reshape(-1, args[0].shape[-1]).double()
            )
        )
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear)
    ]
    with torch.no_grad():
        for sample in ids:
            model(sample[None], use_cache=False)
    for handle in handles:
        handle.remove()
    return {name: torch.stack(rows) for name, rows in seen.items()}
