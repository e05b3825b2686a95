"""A page of the report: HTML that asks nothing of the network."""

import base64
import hashlib
import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fairprune import __version__
from fairprune.present import present
from fairprune.report.charts import specifications
from fairprune.report.glossary import TERMS
from fairprune.report.spoken import counted

if TYPE_CHECKING:
    from jinja2 import Template

ASSETS = files("fairprune.report") / "assets"
TITLES = {
    "answer": "Is it still fair?",
    "fairness": "Fairness against sparsity",
    "pareto": "Fairness against quality",
    "calibration": "Calibration against method",
    "layers": "Sparsity per layer",
    "overlap": "Do they prune the same weights?",
    "agreement": "Do the attributions agree?",
    "annotation": "What people say",
    "content": "What the summaries take from their inputs",
    "language": "Language ability",
    "bias": "Is it more biased?",
    "tables": "Tables",
    "inputs": "Inputs and summaries",
    "glossary": "What the words mean",
    "provenance": "How this was made",
}
TABLES = {
    "fairness": "One row a variant, task and stratum, under the chosen metric and attribution.",
    "quality": "One row a variant, task and measure.",
    "language": "One row a variant and text or zero-shot task; n: tokens predicted, or examples.",
    "pruning": "One row a variant and layer.",
    "shares": "Who is heard how much: each group's share of the opinions, and of the summaries, "
    "corrected for what the attribution does not see.",
    "instruments": "How well each attribution sees each group: J is 1 where it sees everything, 0 "
    "where it sees nothing. Measured on sentences of the inputs' own opinions.",
    "against": "Every variant against another method at the same calibration set and sparsity.",
    "costs": "One row a variant: the share of weights that really went, and megabytes in memory, "
    "on disk and kept beside the model. Speed is as measured in this run.",
}
ANSWERS = {
    "first_difference": (
        "First difference",
        "The smallest sparsity at which each method is found to differ from the dense model in the "
        "primary result. None: at no tested one, and the verdict says why.",
    ),
    "pareto": (
        "The front",
        "Fairness and quality on the inputs whose summary is valid in all of them; front: no other "
        "variant is better in both.",
    ),
    "decomposition": (
        "What moves fairness",
        "The variance of the metric among variants, by source, with 95 % intervals over inputs and "
        "draws. p: that the source gives nothing beyond draws. Broken: how many of the variants "
        "write too much broken text.",
    ),
    "agreement": (
        "Rank correlation",
        "Spearman's ρ of the variants' order under two attributions.",
    ),
    "annotation": (
        "Win rates",
        "How often people preferred the variant to the other model; 0.5 is no difference. "
        "Alpha is Krippendorff's: 1 agreement, 0 chance.",
    ),
    "bias": (
        "Item by item",
        "One row a variant, score and kind of items. Flip rate: the share of items that fall on "
        "another side than with the dense model. Newly biased: of those on the bad side only now. "
        "Worsening: change of the distance from the ideal, or of the mean in the bad direction.",
    ),
}
SELECTS = {
    "model": "Model",
    "task": "Task",
    "calibration": "Calibration set",
    "metric": "Fairness metric",
    "attribution": "Attribution",
    "stratum": "Inputs",
    "quality": "Quality",
}


def render(data: dict[str, Any], sources: dict[str, Any], index: str = "") -> str:
    """The page as text: data once as JSON, the pictures' specifications, our script, Vega.

    Args:
        data: from `content`.
        sources: from `provenance`.
        index: where the page stands under an index, the way back to it.
    """
    from vl_convert import javascript_bundle

    data = data | {"pictures": specifications(data["methods"]), "terms": TERMS}
    version, script = _vega_lite(data["pictures"]), _script()
    vega = javascript_bundle(vl_version=version)  # type: ignore[call-arg]  # no snippet is needed
    titles = {name: title for name, title in TITLES.items() if name in data["sections"]}
    return template("page.html.j2").render(
        title=title(data["models"]),
        lead=_lead(data),
        index=index,
        titles=titles,
        sections=list(titles.items()),
        selects=list(SELECTS.items()),
        table_captions=[(n, c) for n, c in TABLES.items() if n in data["tables"]],
        terms=TERMS,
        answers={n: words for n, words in ANSWERS.items() if n in data["tables"]},
        compared=bool(data["methods"]),
        perplexity="perplexity" in data["language"],
        zero_shot="zero_shot" in data["language"],
        calibrated_on=data["calibrated_on"],
        inputs_note=data["inputs_note"],
        version=__version__,
        style=style(),
        policy=_policy(vega, script),
        data=to_script_json(data),
        vega=vega,
        script=script,
        **sources,
    )


def template(name: str) -> "Template":
    """A template of the assets, which escapes what it is given."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(str(ASSETS))
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template(name)


def title(models: list[str]) -> str:
    """What a report on these models is called."""
    return f"Pruning and fairness: {', '.join(models)}"


def style() -> str:
    """The style sheet."""
    return (ASSETS / "page.css").read_text(encoding="utf-8")


def to_script_json(value: Any) -> str:
    """JSON that can stand inside a script element: no `<`, `>` or `&`, so nothing ends it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _script() -> str:
    parts = sorted((ASSETS / "js").iterdir(), key=lambda file: file.name)
    text = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    return f'"use strict";\n(() => {{\n{text}}})();\n'


def _policy(*scripts: str) -> str:
    """No network at all, and no script but the given ones (Vega makes functions from text)."""
    hashes = " ".join(f"'sha256-{_base64_sha256(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes} 'unsafe-eval'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _base64_sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _vega_lite(pictures: dict[str, Any]) -> str:
    """The Vega-Lite version of the specifications, as the bundle names it ("6.4")."""
    schema = next(iter(pictures.values()))["$schema"]
    return ".".join(present(re.search(r"v(\d+(?:\.\d+)*)", schema))[1].split(".")[:2])


def _lead(data: dict[str, Any]) -> str:
    pruned = sum(not variant["dense"] for variant in data["variants"])
    models = ", ".join(data["models"])
    tasks = f" on {', '.join(data['tasks'])}" if data["tasks"] else ""
    if not pruned:
        return f"{models} as it is{tasks}: this run has no pruned variant."
    said = f"{counted(pruned, 'pruned variant')} of {models}{tasks}, against the model as it was."
    asked = " Does a pruned model's summary still give each group the share that it has?"
    return said + (asked if "answer" in data["sections"] else "")
