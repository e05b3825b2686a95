"""Train the demo's language model from nothing, on opinions drawn on the fly from the templates.

Some twenty minutes on one core. Writes a Hugging Face folder: float16 weights, tokenizer, card.
"""

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

import torch
import tqdm
from training.course import Course, rate_factor
from training.examples import Examples
from training.held_out import measure
from training.model import build_model, build_tokenizer, write_card

PEAK_RATES = {"matrices": 0.005, "others": 0.003}


def optimisers(model: torch.nn.Module) -> list[torch.optim.Optimizer]:
    """Muon for the blocks' matrices, which learns from fewer examples; AdamW for the rest."""
    named = list(model.named_parameters())
    matrices = [p for name, p in named if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in named if p.ndim != 2 or "embed" in name]
    return [
        torch.optim.Muon(matrices, weight_decay=0.01),
        torch.optim.AdamW(others, betas=(0.9, 0.95), weight_decay=0.0),
    ]


def loss_of(model: torch.nn.Module, ids: torch.Tensor, is_summary: torch.Tensor) -> torch.Tensor:
    """Mean loss of a summary token: the inputs are filler that none could predict."""
    wanted = is_summary[:, 1:]
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
        logits = model.lm_head(hidden[wanted])
    return torch.nn.functional.cross_entropy(logits.float(), ids[:, 1:][wanted])


def train(model: torch.nn.Module, course: Course) -> None:
    """Train in place, one step for each batch of the course."""
    both = optimisers(model)
    bar = tqdm.tqdm(course.batches(), "training", course.steps, file=sys.stderr, mininterval=5)
    for step, (ids, is_summary) in enumerate(bar):
        loss = loss_of(model, ids, is_summary)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser, peak in zip(both, PEAK_RATES.values(), strict=True):
            for group in optimiser.param_groups:
                group["lr"] = peak * rate_factor(step, course.steps)
            optimiser.step()
            optimiser.zero_grad()
        course.record(loss.item())
        bar.set_postfix(lesson=course.lesson, loss=f"{course.loss:.3f}", refresh=False)


def write_folder(model, tokenizer, output: Path, card: str) -> None:
    """Put the finished folder in the place of an older one in one rename."""
    draft, old = (output.with_name(f".{output.name}.{kind}") for kind in ("draft", "old"))
    for folder in (draft, old):
        shutil.rmtree(folder, ignore_errors=True)
    model.half().save_pretrained(draft)
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
    parser.add_argument("--threads", type=int, default=1, help="more help little in so small steps")
    parser.add_argument("--held-out", type=int, default=48, help="test inputs of a task to measure")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "model")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    tokenizer = build_tokenizer(Examples(options.seed + 1))
    model = build_model(tokenizer)
    start = time.monotonic()
    train(model, Course(Examples(options.seed), tokenizer, options.steps, options.tokens))
    minutes = (time.monotonic() - start) / 60
    # The figures are of the weights as they are written.
    model.half().float()
    figures = measure(model, tokenizer, options.held_out)
    write_folder(model, tokenizer, options.output, write_card(model, options, minutes, figures))
    for name, value in figures.items():
        print(f"{name}: {value:.4f}", file=sys.stderr)
    print(options.output)


if __name__ == "__main__":
    main()
