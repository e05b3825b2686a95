"""The page as text: whole, harmless, true to the files. Its behaviour is tested in a browser."""

import html.parser
import json
import re
from dataclasses import replace

import pytest
from report.micro_results import HOSTILE

from fairprune.figures.summary import GROUP_COLOURS
from fairprune.report import build
from fairprune.report.build import build_report
from fairprune.report.charts import specifications
from fairprune.report.content import content
from fairprune.report.find import find_results
from fairprune.report.inputs import browser
from fairprune.report.names import fairness_metric
from fairprune.report.page import ASSETS, render, to_script_json
from fairprune.report.provenance import provenance
from fairprune.report.tables import COLUMNS


class Page(html.parser.HTMLParser):
    """Elements with their attributes, and the text of scripts."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.scripts, self.texts = [], [], []
        self.inside = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.inside = tag
        if tag == "script":
            self.scripts.append((dict(attrs), []))

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts[-1][1].append(data)
        elif self.inside != "style":
            self.texts.append(data)


def rendered(results, most_inputs=200):
    return render(content(results, most_inputs), provenance(results.folder))


@pytest.fixture(scope="module")
def text(results_folder):
    return rendered(find_results(results_folder))


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


@pytest.fixture(scope="module")
def data(page):
    (found,) = [parts for attrs, parts in page.scripts if attrs.get("id") == "data"]
    return json.loads("".join(found))


def test_nothing_is_taken_from_elsewhere(page):
    for tag, attributes in page.elements:
        for name in ("src", "srcset", "poster", "action"):
            assert name not in attributes, (tag, attributes)
        if tag == "link":
            assert attributes["href"] == "data:,"
        elif "href" in attributes:
            assert attributes["href"].startswith("#")
    (policy,) = [a["content"] for t, a in page.elements if a.get("http-equiv")]
    assert policy.startswith("default-src 'none'")
    assert "unsafe-inline" not in policy.split("style-src")[0]


def test_what_people_wrote_stays_text(page, data):
    assert len(page.scripts) == 3  # the data, Vega, ours: no summary has made another one
    assert not any(tag == "img" for tag, _ in page.elements)
    summaries = data["inputs"]["outputs"]["tiny/dense/none/0.00"]["reviews"]["summaries"]
    assert summaries[0] == HOSTILE
    assert data["inputs"]["tasks"]["reviews"]["inputs"][0]["opinions"][0][1] == HOSTILE
    configuration = "".join(page.texts)
    assert "# <b>no tag</b>" in configuration


@pytest.mark.parametrize("value", ["</script>", "<!--<script>", "]]>&amp;", "\u2028\u2029", "é✓"])
def test_json_in_a_script_element(value):
    made = to_script_json({"a": [value]})
    assert not re.search("[<>&\u2028\u2029]", made)
    assert json.loads(made) == {"a": [value]}


def test_not_a_number_is_refused():
    with pytest.raises(ValueError):
        to_script_json(float("nan"))


def test_the_data_is_that_of_the_tables(data, results_folder):
    table = data["tables"]["fairness"]
    first = dict(zip(table["columns"], table["rows"][0], strict=True))
    assert (first["method"], first["stratum"], first["verdict"]) == ("dense", "all", None)
    assert data["methods"] == ["hgla", "random", "wanda"]
    assert set(data["tables"]) == {*COLUMNS, "points"} - {"against"}  # nobody is met
    assert data["sections"] == [
        *("answer", "fairness", "pareto", "calibration", "layers", "overlap", "agreement"),
        *("annotation", "content", "language", "bias", "tables", "inputs"),
        *("glossary", "provenance"),
    ]
    assert data["metric"] == "uer_excess"


def test_single_inputs_have_their_shares_and_metrics(data):
    output = data["inputs"]["outputs"]["tiny/wanda/reviews.balanced/0.50"]["reviews"]
    shares, values = output["shares"]["tokens"][1], output["values"]["tokens"]
    p, q = shares["p"], shares["q"]
    assert p == [0.5, 0.5]
    uer = sum(max(0, a - b) for a, b in zip(p, q, strict=True)) / 2
    assert values["uer"][1] == pytest.approx(uer, abs=1e-4)
    spd = (q[0] - p[0]) - (q[1] - p[1])
    assert values["spd"][1] == pytest.approx(spd, abs=2e-4)
    assert output["marks"] == {"tokens": [[[0.6, 0.4], None]] * 9}
    assert "sof" not in values and "spd2" not in values
    assert set(data["inputs"]["metrics"]) >= {"bur", "uer", "auc", "spd", "tv", "gap"}


def test_an_input_of_one_group_has_no_shares_to_show(results_folder):
    results = find_results(results_folder)
    target = next(t for t in results.fairness if t.task == "reviews")
    evaluation = results.evaluations[target]
    first = evaluation.inputs[0].id
    evaluation.inputs[0] = replace(evaluation.inputs[0], stratum=None)
    evaluation.shares[:] = [
        replace(share, p=1.0, q=None, valid=False) if share.id == first else share
        for share in evaluation.shares
        if share.id != first or share.group == evaluation.groups[0]
    ]
    alone = browser(results, 200)["outputs"][str(target.variant)]["reviews"]["shares"]["tokens"]
    assert [entry is None for entry in alone] == [True] + [False] * 8
    assert all(None not in entry["p"] for entry in alone[1:])


@pytest.mark.long("of large reports")
def test_the_browser_holds_as_many_inputs_as_asked(results_folder):
    text = rendered(find_results(results_folder), most_inputs=2)
    assert "Shown is a random sample of the inputs: politics 2 of 9, reviews 2 of 9." in text


def test_only_what_there_is_is_shown(results_folder, tmp_path):
    manifest = tmp_path / "manifest"
    language = sorted((results_folder / "language").rglob("*.json"))
    manifest.write_text("".join(f"{p}\n" for p in language))
    page = Page(rendered(find_results(results_folder, manifest=manifest)))
    sections = [a["id"] for t, a in page.elements if t == "section"]
    assert sections == ["language", "tables", "glossary", "provenance"]


def test_every_picture_has_a_place_and_a_caption(page):
    drawn = set(specifications(["wanda"]))
    placed = {a["data-picture"] for t, a in page.elements if t == "figure"}
    captions = {a["id"] for t, a in page.elements if t == "figcaption"}
    assert placed == drawn
    assert captions == {f"caption-{name}" for name in drawn}


def test_pictures_are_vega_lite_that_compiles():
    from vl_convert import vegalite_to_vega

    for name, specification in specifications(["wanda", "gblm"]).items():
        assert "values" not in json.dumps(specification), name
        assert vegalite_to_vega(specification, vl_version="6.4")["marks"], name


def test_names_come_from_the_metrics_own_files():
    assert fairness_metric("uer").label == "UER, the unfair error rate"
    assert fairness_metric("uer").short == "UER"
    assert fairness_metric("spd").direction == "nearer 0 is fairer"
    assert fairness_metric("gone").label == "gone"


def test_provenance(text, page):
    words = " ".join(" ".join(page.texts).split())
    assert "evaluate fairness" in words and "@misc{fairprune-run," in words
    assert "configuration SHA-256" in words
    assert re.search(r"torch\.yaml [0-9a-f]{64}", words)


def test_the_same_results_give_the_same_page(text, results_folder, tmp_path):
    made = build_report(find_results(results_folder), tmp_path / "report.html")
    commit = re.compile(r"[0-9a-f]{40}( \+ changes)?")  # may change while the tests run
    assert commit.sub("", made.read_text(encoding="utf-8")) == commit.sub("", text)
    assert made.stat().st_size < 6e6


@pytest.mark.long("of large reports")
def test_a_large_run_is_an_index_and_a_page_a_model_and_task(results_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(build, "MOST_SUMMARIES", 60)  # 15 variants a task: 4 inputs each
    made = build_report(find_results(results_folder), tmp_path / "report.html")
    index = Page(made.read_text(encoding="utf-8"))
    links = [a["href"] for t, a in index.elements if t == "a"]
    assert links == ["report/tiny/politics.html", "report/tiny/reviews.html"]
    words = " ".join(index.texts)
    assert "tiny on reviews, against the model as it is (uer_excess with shift, tokens)" in words
    assert "@misc{fairprune-run," in words
    for link in links:
        page = Page((tmp_path / link).read_text(encoding="utf-8"))
        (found,) = [parts for a, parts in page.scripts if a.get("id") == "data"]
        data = json.loads("".join(found))
        task = link.split("/")[-1].removesuffix(".html")
        assert data["tasks"] == [task] == list(data["inputs"]["tasks"])
        shown, total = len(data["inputs"]["tasks"][task]["inputs"]), data["inputs"]["total"][task]
        assert 0 < shown < total == 9
        assert ("a", {"href": "../../report.html"}) in page.elements
        variants = {v["calibration"].partition(".")[0] for v in data["variants"]}
        assert variants == {"none", task}


def test_a_run_without_a_variant_says_so_and_shows_no_empty_picture(results_folder):
    alone = find_results(results_folder, ["tiny/dense/none/0.00"])
    page = rendered(alone)
    assert "this run has no pruned variant" in page
    assert "0 pruned variants" not in page
    assert "data-picture=" not in page.split("<script")[0]
    assert all(variant["dense"] for variant in content(alone, 9)["variants"])
    assert content(alone, 9)["sections"] == ["answer", "tables", "inputs", "glossary", "provenance"]


def test_a_run_without_summaries_asks_nothing_about_them(results_folder, tmp_path):
    files = sorted((results_folder / "language").rglob("*.json"))
    manifest = tmp_path / "manifest"
    manifest.write_text("".join(f"{file}\n" for file in files))
    page = rendered(find_results(results_folder, manifest=manifest))
    assert "against the model as it was.</p>" in page


def test_a_group_has_one_colour_on_the_page_and_on_the_hand_out():
    script = (ASSETS / "js" / "6_inputs.js").read_text()
    (colours,) = re.findall(r"GROUP_COLOURS = (\[.*?\])", script)
    assert json.loads(colours) == list(GROUP_COLOURS)
