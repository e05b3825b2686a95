"""Train the demo's language model from nothing, on opinions drawn on the fly from the templates.

Half an hour on two cores. Writes a Hugging Face folder: float16 weights, tokenizer, a card.
"""

import argparse
import copy
import os
import shutil
import sys
import time
from pathlib import Path

import torch
import tqdm
from training.examples import Examples, batches
from training.held_out import measure
from training.model import build_model, build_tokenizer, write_card

PEAK_RATE = {"matrices": 0.02, "others": 0.004}
INPUT_WEIGHT = 0.15


def optimisers(model: torch.nn.Module) -> list[torch.optim.Optimizer]:
    """Muon for the blocks' matrices, which learns from fewer examples; AdamW for the rest."""
    named = list(model.named_parameters())
    matrices = [p for name, p in named if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in named if p.ndim != 2 or "embed" in name]
    return [
        torch.optim.Muon(matrices, lr=PEAK_RATE["matrices"], weight_decay=0.01),
        torch.optim.AdamW(others, lr=PEAK_RATE["others"], betas=(0.9, 0.95), weight_decay=0.0),
    ]


def rate_factor(step: int, steps: int) -> float:
    """Warm-up over a twentieth of the steps, then down to 0 in a straight line from two fifths."""
    return min((step + 1) / max(1, 0.05 * steps), 1.0, (steps - step) / (0.6 * steps))


def loss_of(model: torch.nn.Module, ids: torch.Tensor, is_summary: torch.Tensor) -> tuple:
    """Training loss and the loss of a summary token.

    The input's tokens count a little: predicting repetitions in it teaches the model to look back.
    """
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(input_ids=ids, use_cache=False).logits[:, :-1]
    losses = torch.nn.functional.cross_entropy(
        logits.float().flatten(0, 1), ids[:, 1:].flatten(), reduction="none"
    ).view(len(ids), -1)
    in_summary, in_input = is_summary[:, 1:], (ids[:, 1:] != 0) & ~is_summary[:, 1:]
    summary = losses[in_summary].mean()
    return summary + INPUT_WEIGHT * losses[in_input].mean(), summary.detach()


def train(model, tokenizer, steps: int, seed: int, tokens: int, save=None) -> None:
    """Train in place; `save(model)` is called every 500 steps."""
    optimisers_ = optimisers(model)
    source = batches(Examples(seed), tokenizer, tokens)
    bar = tqdm.trange(steps, desc="training", unit="step", file=sys.stderr, mininterval=5)
    smooth = None
    for step in bar:
        examples = source.send(step / steps) if step else next(source)
        loss, summary = loss_of(model, *examples)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser, peak in zip(optimisers_, PEAK_RATE.values(), strict=True):
            for group in optimiser.param_groups:
                group["lr"] = peak * rate_factor(step, steps)
            optimiser.step()
            optimiser.zero_grad()
        smooth = summary.item() if smooth is None else 0.98 * smooth + 0.02 * summary.item()
        bar.set_postfix(summary_loss=f"{smooth:.3f}", refresh=False)
        if save and (step + 1) % 500 == 0:
            save(model)


def write_folder(model, tokenizer, output: Path, card: str) -> None:
    """Put the finished folder in the place of an older one in one rename."""
    draft, old = (output.with_name(f".{output.name}.{kind}") for kind in ("draft", "old"))
    for folder in (draft, old):
        shutil.rmtree(folder, ignore_errors=True)
    copy.deepcopy(model).half().save_pretrained(draft)
    tokenizer.save_pretrained(draft)
    (draft / "README.md").write_text(card, encoding="utf-8")
    if output.exists():
        os.replace(output, old)
    os.replace(draft, output)
    shutil.rmtree(old, ignore_errors=True)


def main() -> None:
    """Train, write, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--tokens", type=int, default=4096, help="tokens of a step")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "model")
    parser.add_argument("--save-every", type=Path, help="folder for a copy every 500 steps")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    tokenizer = build_tokenizer(Examples(options.seed + 1))
    model = build_model(tokenizer)
    start = time.monotonic()

    def save(model):
        write_folder(model, tokenizer, options.save_every, "A copy made during training.\n")

    train(
        model,
        tokenizer,
        options.steps,
        options.seed,
        options.tokens,
        save if options.save_every else None,
    )
    minutes = (time.monotonic() - start) / 60
    model.half().float()
    figures = measure(model, tokenizer)
    card = write_card(model, options, minutes, figures)
    write_folder(model, tokenizer, options.output, card)
    for name, value in figures.items():
        print(f"{name}: {value:.4f}", file=sys.stderr)
    print(options.output)


if __name__ == "__main__":
    main()
