"""OWL: blocks with more outliers keep more."""

from fairprune.pruning.allocations._options import RENORMALISE
from fairprune.pruning.declare import allocation
from fairprune.pruning.options import Option


@allocation(
    "owl",
    needs={"activations"},
    options={
        "M": Option(5.0, "an outlier is above M times the mean score", low=0.0, high=1e6),
        "lambda": Option(0.08, "largest deviation from the mean sparsity", low=0.0, high=1.0),
        "renormalise": RENORMALISE,
    },
    source="Yin et al., ICML 2024 (arXiv:2310.05175)",
)
def owl(model, sparsity, options):
    """Each block's share of outliers, brought to a span of 2λ around the mean.

    Outliers are counted among Wanda's scores of all layers of a block together, with the
    activations of the unpruned model.
    """
    import torch

    from fairprune.pruning.allocate import clip, spread_about

    outliers = []
    for index in range(len(model.blocks)):
        with model.weights(index) as weights:
            scores = {
                name: weight.abs() * model.evidence.dense[name].to(weight.device)
                for name, weight in weights.items()
            }
        outliers.append(outlier_share(list(scores.values()), options["M"]))
    values = torch.tensor(outliers, dtype=torch.float64)
    kept = spread_about(values, 1 - float(sparsity), options["lambda"])
    shares = clip((1 - kept).tolist(), model.sizes(), sparsity, options["renormalise"])
    return model.spread(shares), {"outliers": outliers}


def outlier_share(scores, times):
    """100 × the share of all scores together that are above `times` their mean."""
    total = sum(s.numel() for s in scores)
    mean = sum(s.double().sum() for s in scores) / total
    return 100 * sum(int((s > times * mean).sum()) for s in scores) / total
