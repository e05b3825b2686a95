"""The page on speed: what each stage must do at least, by arithmetic, and what was reached."""

from collections.abc import Callable
from dataclasses import dataclass

SAMPLES, TOKENS = 128, 512
PROMPT, NEW, INPUTS = 600, 128, 300
CORPUS = 340_000  # tokens of WikiText-2's test part, about
HALF, SINGLE = 790e12, 50e12  # operations a second, two a product and sum
MEMORY, DISK = 4.3e12, 2e9  # bytes a second
ROOM = 80e9  # bytes of a GPU


@dataclass(frozen=True)
class Shape:
    """A Llama's size."""

    name: str
    hidden: int
    inner: int
    blocks: int
    heads: int
    shared: int
    vocabulary: int

    @property
    def block(self) -> int:
        """Weights of one block's linear layers."""
        keys = self.hidden * self.shared // self.heads
        return self.hidden * (2 * self.hidden + 2 * keys + 3 * self.inner)

    @property
    def weights(self) -> int:
        """Weights that are pruned."""
        return self.blocks * self.block

    @property
    def token_bytes(self) -> int:
        """Keys and values of one token in all blocks, half precision."""
        return 4 * self.blocks * (self.hidden * self.shared // self.heads)

    @property
    def parameters(self) -> int:
        """With embeddings, and the head of those that have one of their own."""
        tied = 1 if self.name.startswith(("SmolLM", "Llama-3.2")) else 2
        return self.weights + tied * self.vocabulary * self.hidden


SHAPES = [
    Shape("SmolLM2-135M", 576, 1536, 30, 9, 3, 49_152),
    Shape("TinyLlama-1.1B", 2048, 5632, 22, 32, 4, 32_000),
    Shape("Llama-3.2-3B", 3072, 8192, 28, 24, 8, 128_256),
    Shape("Llama-3-8B", 4096, 14_336, 32, 32, 8, 128_256),
    Shape("Llama-2-13B", 5120, 13_824, 40, 40, 40, 32_000),
    Shape("Llama-3-70B", 8192, 28_672, 80, 64, 8, 128_256),
]


def activations(s: Shape) -> float:
    """Seconds of one forward pass of the calibration tokens through all blocks."""
    return 2 * s.weights * SAMPLES * TOKENS / HALF


def gradients(s: Shape) -> float:
    """Forward, forward again, gradients of inputs, gradients of weights; the head's three."""
    through = 8 * s.weights + 6 * s.vocabulary * s.hidden
    return through * SAMPLES * TOKENS / HALF


def written(s: Shape) -> float:
    """One norm of every weight, float32, on its way to the disk."""
    return 4 * s.weights / DISK


def wanda(s: Shape) -> float:
    """Two forward passes: what layers receive, and what a pruned block hands on."""
    return 2 * activations(s)


def sparsegpt(s: Shape) -> float:
    """Those, Hessians of four inputs a block in float32, their factors, and the updates."""
    sizes, outs = (s.hidden, s.hidden, s.hidden, s.inner), s.block / s.hidden
    hessians = sum(2 * n**2 * SAMPLES * TOKENS for n in sizes)
    factors = sum(2 * n**3 for n in sizes)
    updates = 2 * (outs - s.inner) * s.hidden**2 + 2 * s.hidden * s.inner**2
    return wanda(s) + s.blocks * (hessians + factors + updates) / SINGLE


def at_once(s: Shape) -> int:
    """Texts that a batch holds on the GPUs that the weights need, by their keys and values."""
    kept = s.token_bytes * (PROMPT + NEW)
    return min(512, int((gpus(s) * ROOM - 2 * s.parameters) * 0.8 / kept))


def summaries(s: Shape) -> float:
    """Prompts read once; then for each token of a batch all weights, and all keys and values."""
    rows = min(INPUTS, at_once(s))
    kept = s.token_bytes * (PROMPT + NEW / 2)
    read = 2 * s.parameters * PROMPT * INPUTS / HALF
    return read + INPUTS / rows * NEW * (2 * s.parameters + rows * kept) / MEMORY


def perplexity(s: Shape) -> float:
    """One forward pass of a corpus."""
    return 2 * s.parameters * CORPUS / HALF


def gpus(s: Shape) -> int:
    """GPUs of 80 GB that hold the weights in half precision, and as much again of other things."""
    return int(-(-2 * s.parameters * 1.25 // ROOM))


STAGES: dict[str, Callable[[Shape], float]] = {
    "activations": activations,
    "gradients": gradients,
    "gradients' way to the disk": written,
    "Wanda": wanda,
    "SparseGPT": sparsegpt,
    f"{INPUTS} summaries": summaries,
    "perplexity": perplexity,
}

HEAD = f"""# Speed and memory

What each stage must do at least, by arithmetic, and what limits it. Floors are **computed** for one
H200, of which plain products and copies get {HALF / 1e12:.0f}·10¹² operations a second in half
precision, {SINGLE / 1e12:.0f}·10¹² in float32 and {MEMORY / 1e12:.1f} TB/s of its memory, and for a
disk of {DISK / 1e9:.0f} GB/s. **Nothing here was measured on a GPU** unless the table
of `benchmarks/README.md` says so; `make gpu` measures it, in some minutes.

## Floors by model size

Seconds on one GPU, {SAMPLES} samples of {TOKENS} tokens; prompts of {PROMPT} tokens and {NEW} new
ones; {CORPUS:,} tokens of a corpus. Where weights need several GPUs, a stage holds one block at a
time on one of them, and summaries are shared out by blocks.

"""

TAIL = """
## What limits each stage

- **activations, Wanda**: one and two forward passes of the samples. The passes themselves: on a CPU
  the whole takes no longer than they do.
- **gradients**: four passes' worth of products, and sums over every sample's own gradient. On a CPU
  the products, three passes' worth where there is room for a batch's whole way back. On a GPU with
  Triton, in half precision, a kernel adds samples' gradients up in registers, a tile at a time, so
  that they are never in memory; what limits it was not measured, by arithmetic how fast operands of
  such tiles come from the cache: 32 KB for 2·10⁶ operations. Where Triton is missing or finds no C
  compiler, and in float32, they are formed in memory before they are added, and their traffic
  limits: at least 8 bytes a weight and sample.
- **their way to the disk**: 4 bytes a weight and norm. The disk; a block is written and hashed
  while the next is computed.
- **SparseGPT**: Hessians in float32, one factor an input, column by column. On a GPU with Triton a
  kernel solves 128 columns at a time in registers, and by arithmetic the Hessians limit; without
  it, how many operations are begun, two for each column.
- **allocations that search (NeuroAL)**: all candidates through the model, one pass each.
- **summaries**: all weights once a token and batch. How many texts a batch holds: as many as the
  memory bears (`summaries.batch_size`). Keys and values are written once, into room for all tokens,
  and not copied at every step. Where that spares a tenth of a batch's tokens, a beginning that its
  prompts share (worked examples, a long instruction) is read once, and so are equal prompts
  (`summaries.samples`).
- **a job's start**: Python, torch, the weights from the disk: some seconds, whatever the job does.

On a CPU, measured: the table of `benchmarks/README.md`, with every plain formulation beside ours.

## Memory

A pruning or gradient job holds one block, the hidden states of all samples, and one block's sums;
`--device-memory` and `--host-memory` bound what of it lies where, and the rest goes to files. On a
CPU a gradient job holds all blocks, where half of the memory bears that, two sums of each
weight and norm, and what the way back of one batch needs; the file is the same, to the last bit.
Summaries hold the whole model, on all GPUs there are.

## Larger grids, and clusters

A grid's jobs are independent but for their inputs: `n` GPUs take the `n`-th part of its hours
([the whole grid](cluster.md#what-the-whole-grid-costs)) where there are more variants than GPUs.
What cannot be shared out is the longest chain: download, calibration, gradients, pruning,
summaries, verdicts of one variant. **Computed**, the published grid of 1,230 variants:

"""
HOURS, CHAIN = 79, 0.3  # of the grid on one GPU, see cluster.md; of its longest chain


def performance() -> str:
    """The page as Markdown."""
    names = [s.name for s in SHAPES]
    lines = [_row(["", *names]), _row(["---"] * (len(names) + 1))]
    for stage, seconds in STAGES.items():
        lines.append(_row([stage, *(_said(seconds(s)) for s in SHAPES)]))
    lines += [
        _row(["weights pruned, millions", *(f"{s.weights / 1e6:,.0f}" for s in SHAPES)]),
        _row(["GPUs of 80 GB for summaries", *(str(gpus(s)) for s in SHAPES)]),
        _row(["texts a batch", *(str(at_once(s)) for s in SHAPES)]),
        _row(["one variant's masks, GB", *(f"{s.weights / 8e9:.2f}" for s in SHAPES)]),
    ]
    shared = [_row(["GPUs", "hours"]), _row(["---", "---"])]
    shared += [_row([str(n), f"{max(HOURS / n, CHAIN):.1f}"]) for n in (1, 4, 16, 64, 512)]
    return HEAD + "\n".join(lines) + "\n" + TAIL + "\n".join(shared) + "\n"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _said(seconds: float) -> str:
    return f"{seconds:.2g}" if seconds < 10 else f"{seconds:,.0f}"
