"""The page to hand out, read back from its PDF."""

import pytest
from pypdfium2 import PdfDocument
from report.micro_results import make_results

from fairprune.figures.summary import build_summary
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
    assert f"{told - shown} variants more in the report." in text
    assert (tmp_path / "summary.pdf.card.json").is_file()


def test_the_same_run_gives_the_same_bytes(results, tmp_path):
    pages = [build_summary(find_results(results), tmp_path / f"{i}.pdf") for i in range(2)]
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_nothing_goes_over_the_edge(results, tmp_path):
    page = PdfDocument(build_summary(find_results(results), tmp_path / "summary.pdf"))[0]
    picture = page.render(scale=1, grayscale=True).to_numpy().squeeze()
    assert picture.shape == (842, 595)
    for border in (picture[:30], picture[-30:], picture[:, :30], picture[:, -30:]):
        assert border.min() == 255
