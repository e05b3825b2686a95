"""ShortGPT: leave out the blocks that change their hidden states least."""

from fairprune.pruning.declare import score


@score(
    "shortgpt",
    needs={"hidden"},
    group="blocks",
    source="Men et al., 2024 (arXiv:2403.03853)",
)
def shortgpt(before, after):
    """A block's influence at each token: 1 − cos of what it receives and what it gives.

    Args:
        before, after: samples × tokens × hidden, float32, of the unpruned model.

    Returns:
        samples × tokens; a block's influence is the mean over all calibration tokens.
    """
    from torch.nn.functional import cosine_similarity

    return 1 - cosine_similarity(before, after, dim=-1)
