"""What the authors' public code does by default, as arguments of `resolve`.

Each also stops bisecting an adaptive layer at a bracket under 0.001 and leaves the mean of
an allocation where clipping put it, as their code does.
"""

from types import MappingProxyType
from typing import Any

PRESETS: MappingProxyType[str, dict[str, Any]] = MappingProxyType(
    {
        "hgla-repository": {
            "name": "hgla",
            "group": "adaptive",
            "options": {
                "score.form": "sum",
                "score.gradient_norm": "sum_of_squares",
                "score.loss": "last_token",
            },
        },
        "gblm-repository": {
            "name": "gblm",
            "options": {
                "score.form": "sum",
                "score.gradient_norm": "l2",
                "score.gradient_dtype": "float16",
                "score.loss": "full",
            },
        },
        "ria-repository": {"name": "ria", "group": "layer", "options": {"score.power": 0.5}},
        "owl-repository": {
            "name": "wanda",
            "allocation": "owl",
            "options": {
                "allocation.M": 5.0,
                "allocation.lambda": 0.08,
                "allocation.renormalise": False,
            },
        },
        "dlp-repository": {
            "name": "wanda",
            "allocation": "dlp",
            "options": {
                "allocation.alpha": 0.15,
                "allocation.statistic": "mean",
                "allocation.renormalise": False,
            },
        },
        "neuroal-repository": {
            "name": "wanda",
            "allocation": "neuroal",
            "options": {"allocation.samples": 8, "allocation.renormalise": False},
        },
    }
)
