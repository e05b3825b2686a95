"""The page to hand out, read back from its PDF."""

import pytest
from pypdfium2 import PdfDocument
from report.micro_results import make_results

from fairprune.figures.style import paper
from fairprune.figures.summary import build_summary, lines_of, page_of, text_width
from fairprune.report.find import find_results

METHODS = ("magnitude", "wanda", "hgla")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("summary") / "results"
    return make_results(folder, methods=METHODS, sparsities=("0.30", "0.50"), sets=("balanced",))


def read(pdf) -> str:
    (page,) = PdfDocument(pdf)
    return " ".join(page.get_textpage().get_text_range().split())


def test_one_page_tells_of_every_task(results, tmp_path):
    found = find_results(results)
    text = read(build_summary(found, tmp_path / "summary.pdf"))
    for words in ("reviews, tiny", "politics, tiny", "negative", "River", "what people wrote"):
        assert words in text
    shown = text.count("of what people wrote is")
    told = 2 * 2 * len(METHODS)  # tasks, sparsities
    assert 0 < shown < told
    assert f"{told - shown} results more in the report." in text
    assert (tmp_path / "summary.pdf.card.json").is_file()


def test_a_run_without_a_variant_says_so(results, tmp_path):
    alone = find_results(results, ["tiny/dense/none/0.00"])
    text = read(build_summary(alone, tmp_path / "summary.pdf"))
    assert "No pruned variant has been compared with the model as it is." in text
    warning = {"model": "m", "task": "t", "method": "dense", "text": "It leaves people out."}
    with paper():
        page_of("A title", [warning]).savefig(tmp_path / "alone.pdf")
    assert "t, m It leaves people out." in read(tmp_path / "alone.pdf")


def test_the_same_run_gives_the_same_bytes(results, tmp_path):
    pages = [build_summary(find_results(results), tmp_path / f"{i}.pdf") for i in range(2)]
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_nothing_goes_over_the_edge(results, tmp_path):
    page = PdfDocument(build_summary(find_results(results), tmp_path / "summary.pdf"))[0]
    picture = page.render(scale=1, grayscale=True).to_numpy().squeeze()
    assert picture.shape == (842, 595)
    for border in (picture[:30], picture[-30:], picture[:, :30], picture[:, -30:]):
        assert border.min() == 255


def told(task, groups, text):
    shares = [1.0] * len(groups)
    bars = [[writer, shares] for writer in ("what people wrote", "pruned")] if groups else []
    return {
        **{"model": "tiny", "task": task, "method": "wanda", "name": "wanda", "word": "worse"},
        **{"phrase": "Worse", "why": ".", "groups": groups, "bars": bars, "text": text},
    }


def test_where_not_all_fit_those_that_say_most_are_there_and_other_tasks_are_named(tmp_path):
    dull = told("t", ["a", "b"], "Dull.") | {"word": "undecided"}
    rows = [*[dull] * 30, told("t", ["a", "b"], "This one.") | {"name": "last"}]
    rows += [told(f"task{number}", ["a", "b"], "Short.") for number in range(12)]
    with paper():
        page_of("A title", rows).savefig(tmp_path / "page.pdf")
    text = read(tmp_path / "page.pdf")
    assert "This one." in text and "Dull." not in text
    assert "also of" in text and "task11" in text


@pytest.mark.parametrize(
    "rows",
    [
        [told(f"task{number}", ["a", "b"], "Short.") for number in range(30)],
        [told("t", [f"{letter}, who wrote much and " * 4 for letter in "abcde"], "W" * 200)],
        [told("t" * 200, ["W" * 70] * 7, "a longer sentence " * 20)],
        [told("t", [], "")],
        [],
    ],
    ids=("many places", "long names", "wide names", "nothing known", "no comparison"),
)
def test_whatever_is_told_stays_on_the_page(rows, tmp_path):
    with paper():
        page_of("Pruning and fairness: " + "a model, " * 20, rows).savefig(tmp_path / "page.pdf")
    page = PdfDocument(tmp_path / "page.pdf")[0]
    picture = page.render(scale=1, grayscale=True).to_numpy().squeeze()
    for border in (picture[:30], picture[-30:], picture[:, :30], picture[:, -30:]):
        assert border.min() == 255


def test_lines_are_as_wide_as_they_may_be():
    lines = lines_of("iii " * 40 + "W" * 60 + " iii", 200)
    assert " ".join(lines).replace(" ", "") == "iii" * 40 + "W" * 60 + "iii"
    assert max(map(text_width, lines)) <= 200
    assert text_width(lines[0] + " iii") > 200
