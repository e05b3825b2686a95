"""The model card of an exported folder, read back by the hub's own library."""

import html
import re
import shutil
import unicodedata

import pytest
from huggingface_hub import ModelCard
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report.micro_results import make_results
from workflow.conftest import ROOT

from export_model import export_model
from fairprune.errors import FairpruneError
from fairprune.io.cards import card_path, read_card, write_card
from fairprune.io.markdown import code, plain
from fairprune.models.folder import open_model
from fairprune.pruning.method import names, resolve
from fairprune.pruning.options import split_options
from fairprune.pruning.variant import open_pruned
from fairprune.publishing.again import method_words
from fairprune.publishing.base import base_of
from fairprune.publishing.findings import find
from fairprune.report.abilities import language_rows
from fairprune.report.find import find_results
from prune_model import prune_model

VARIANT = "tiny/wanda/reviews.balanced/0.50"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A folder with a downloaded model, results of a run, and a variant of it that is real."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copytree(ROOT / "data/demo/model", folder / "model")
    files = [file for file in (folder / "model").iterdir() if file.name != "README.md"]
    known = {"model_id": "org/Base", "revision": COMMIT, "commit": COMMIT}
    known["licence"] = {"license": "llama2", "license_link": "https://host/x"}
    write_card(folder / "model", stage="download_model", files=files, parameters=known)
    make_results(
        folder / "results", methods=("wanda",), sparsities=("0.50",), sets=("balanced",), inputs=9
    )
    shutil.rmtree(folder / "results/pruned" / VARIANT)
    prune_model(folder / "model", "magnitude", folder / "results/pruned" / VARIANT, sparsity="0.5")
    return folder


@pytest.fixture(scope="module")
def card(run):
    """The model card of the variant, with its figures."""
    made = export_model(
        run / "model",
        run / "out",
        pruned=run / "results/pruned" / VARIANT,
        results=run / "results",
    )
    assert "README.md" in read_card(made)["files"]
    return ModelCard.load(made / "README.md")


def test_metadata(card, run):
    data = card.data
    assert (data.base_model, data.license, data.license_link) == (
        *("org/Base", "llama2"),
        "https://host/x",
    )
    assert (data.library_name, data.pipeline_tag) == ("transformers", "text-generation")
    assert data.tags == ["fairprune", "pruned", "sparse", "magnitude"]
    found = {(r.dataset_name, r.metric_type): r for r in data.eval_results}
    rows = [
        row
        for row in language_rows(find_results(run / "results", [VARIANT]))
        if row["method"] == "wanda"
    ]
    assert len(rows) == 2
    for row in rows:
        value = found[row["name"], row["metric"]].metric_value
        assert value == pytest.approx(row["value"], abs=1e-6)
    assert found["stories", "perplexity"].metric_args == {"window": 256, "beginning": "every"}
    assert found["reviews", "rougeL"].metric_name == "ROUGE-L"
    fair = found["reviews", "uer_excess"]
    assert "lower is fairer" in fair.metric_name and fair.metric_args == {"attribution": "tokens"}
    assert {name for name, _ in found} == {"stories", "arc_easy", "reviews"}


def test_text(card, run):
    text = card.text
    sections = re.findall(r"^#+ (.*)$", text, re.M)
    assert sections == [
        *("org/Base, pruned with magnitude", "How it was pruned", "What was measured"),
        *("Is it still fair?", "How to load it"),
    ]
    assert f"`{COMMIT}` with 50.0 % of the weights" in text
    assert "| `down_proj` | 5 | 50.00 % | 50.00 % | 50.00 % |" in text
    assert "--method magnitude --sparsity 0.5" in text
    assert "10,200 tokens predicted, in windows of 256, each after the beginning token" in text
    assert re.search(r"^- wanda with reviews\.balanced at 0\.50: worse, uer", text, re.M)
    assert "*worse*: groups lose more" in text and "*equivalent*" not in text
    assert str(run) not in card.content and str(ROOT) not in card.content
    assert "politics" not in text


def test_without_results_it_says_what_the_pruning_card_says(run, tmp_path):
    model = tmp_path / "model"
    shutil.copytree(ROOT / "data/demo/model", model)
    (model / "README.md").write_text("---\nlicense: mit\n---\n# Mine\n")
    pruned = run / "results/pruned" / VARIANT
    again = [export_model(model, tmp_path / name, pruned=pruned) for name in "ab"]
    texts = [(folder / "README.md").read_text() for folder in again]
    assert texts[0] == texts[1]
    made = ModelCard(texts[0])
    assert (made.data.license, made.data.base_model, made.data.eval_results) == ("mit", None, None)
    assert "A local model" in made.text and "measured" not in made.text
    assert base_of(open_model(model)).weights[:16] in made.text
    assert str(tmp_path) not in made.content


def test_results_must_be_those_of_the_masks(run, tmp_path):
    results = tmp_path / "results"
    shutil.copytree(run / "results", results)
    pruned = open_pruned(results / "pruned" / VARIANT)
    with pytest.raises(FairpruneError, match=r"is no variant of .*/results: give --pruned"):
        find(results, open_pruned(run / "results/pruned" / VARIANT))
    with pytest.raises(FairpruneError, match="give --pruned, too"):
        export_model(run / "model", tmp_path / "out", results=results)
    file = results / "summaries" / VARIANT / "reviews/test.jsonl"
    for digest in (pruned.source.digest, "0" * 64):
        card_path(file).unlink()
        made = {"parameters": {"max_new_tokens": 24, "device": "cpu"}, "inputs": {"pruned": digest}}
        write_card(file, stage="generate_summaries", files=[file], **made)
        if digest == pruned.source.digest:
            assert find(results, pruned).summaries["reviews"]["max_new_tokens"] == 24
    with pytest.raises(FairpruneError, match=r"test\.jsonl was made with other masks"):
        find(results, pruned)
    for stage in ("fairness", "quality", "language"):
        shutil.rmtree(results / stage / "tiny/wanda")
    with pytest.raises(FairpruneError, match=f"holds no figure of {VARIANT}"):
        find(results, pruned)
    assert not (tmp_path / "out").exists()


TARGETS = [{"sparsity": "0.35"}, {"pattern": "2:4"}]
CHOSEN = [
    {},
    {"allocation": "owl", "options": {"allocation.M": 7}},
    {"refinement": "dsnot"},
    {"group": "layer"},
    {"options": {"score.form": "ratio", "score.gradient_norm": "l1"}},
]


@pytest.mark.parametrize("name", [name for name in names() if name != "dense"])
def test_the_command_gives_the_same_method(name):
    """Every combination that makes sense, through its words and back."""
    tried = 0
    for target in TARGETS:
        for chosen in CHOSEN:
            try:
                method = resolve(name, **target, **chosen)
            except FairpruneError:
                continue
            words = method_words(method.parameters())
            pairs = list(zip(words[::2], words[1::2], strict=True))
            options = split_options([value for key, value in pairs if key == "--option"])
            given = {key[2:]: value for key, value in pairs if key != "--option"}
            again = resolve(given.pop("method"), options=options, **given)
            assert again.parameters() == method.parameters()
            tried += 1
    assert tried


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown(text):
    """What a text looks like: characters that steer as spaces, runs of spaces as one."""
    return " ".join("".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text).split())


@given(st.text(st.sampled_from("ab1.)(*_`~#<>&[]!|\\-+=:/@$ \n\t\u202e\"'"), max_size=30))
def test_a_text_is_shown_as_it_is(text):
    rendered = MARKDOWN.render(f"- {plain(text)}\n")
    inside = re.fullmatch(r"<ul>\n<li>(.*)</li>\n</ul>\n", rendered, re.S)
    assert inside and "<" not in inside[1]
    assert html.unescape(inside[1]).strip() == shown(text)
    cells = MARKDOWN.render(f"| a |\n|---|\n| x {plain(text)} |\n")
    assert html.unescape(re.findall(r"<td>(.*)</td>", cells)[-1]) == f"x {shown(text)}".strip()


@given(st.text(st.sampled_from("ab`*<&| \n"), min_size=1, max_size=12).filter(str.strip))
def test_code_is_shown_as_it_is(text):
    cells = MARKDOWN.render(f"| a |\n|---|\n| {code(text)} |\n")
    (inside,) = re.findall(r"<td><code>(.*)</code></td>", cells)
    assert html.unescape(inside) == shown(text)


def test_no_text_becomes_a_link():
    for text in ("see https://host/x", "www.host.org", "ask @somebody", "http://a.b"):
        assert "://" not in plain(text) and "www." not in plain(text) and "@" not in plain(text)
