"""DLP: blocks whose weights matter more on the whole keep less."""

from fairprune.pruning.allocations._options import RENORMALISE
from fairprune.pruning.declare import allocation
from fairprune.pruning.options import Option


@allocation(
    "dlp",
    needs={"activations"},
    options={
        "alpha": Option(0.15, "largest deviation from the mean sparsity", low=0.0, high=1.0),
        "statistic": Option(
            "mean",
            "what stands for a block's scores: the mean, as in the public code, or the median, "
            "as in the paper (of an even count the lower one)",
            choices=("mean", "median"),
        ),
        "renormalise": RENORMALISE,
    },
    source="Chen et al., ICML 2025 (arXiv:2505.23807)",
)
def dlp(model, sparsity, options):
    """Each block's mean or median score, from the highest, brought to a span of 2α about the mean.

    The scores are Wanda's, of all layers of a block together, with the activations of the
    unpruned model. What is kept lies between 1 − p − α and 1 − p + α before it is centred.
    """
    import torch

    from fairprune.pruning.allocate import clip, spread_about

    importance = []
    for index in range(len(model.blocks)):
        with model.weights(index) as weights:
            scores = [
                weight.abs() * model.evidence.dense[name].to(weight.device)
                for name, weight in weights.items()
            ]
        importance.append(middle(scores, options["statistic"]))
    values = -torch.tensor(importance, dtype=torch.float64)
    kept = spread_about(values, 1 - float(sparsity), options["alpha"])
    shares = clip((1 - kept).tolist(), model.sizes(), sparsity, options["renormalise"])
    return model.spread(shares), {"importance": importance}


def middle(scores, statistic):
    """The mean, in float64, or the lower median, of the scores of all layers together."""
    import torch

    if statistic == "median":
        return float(torch.cat([s.flatten() for s in scores]).median())
    return float(sum(s.double().sum() for s in scores) / sum(s.numel() for s in scores))
