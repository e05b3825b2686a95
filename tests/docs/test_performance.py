"""The page on speed: its arithmetic by hand, of the model whose numbers everybody knows."""

from pathlib import Path

import pytest
from page_module import page_module

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def page():
    return page_module("performance_page")


def test_llama_3_8b_by_hand(page):
    shape = next(s for s in page.SHAPES if s.name == "Llama-3-8B")
    attention = 2 * 4096 * 4096 + 2 * 4096 * 1024
    assert shape.weights == 32 * (attention + 3 * 4096 * 14336)
    assert shape.parameters == pytest.approx(8.03e9, rel=1e-3)
    tokens = 128 * 512
    assert page.wanda(shape) == pytest.approx(4 * shape.weights * tokens / 790e12)
    assert page.written(shape) == pytest.approx(28e9 / 2e9, rel=0.01)
    assert page.sparsegpt(shape) > 32 * 2 * tokens * (3 * 4096**2 + 14336**2) / 50e12
    kept = 32 * 2 * 8 * 128 * 2 * (600 + 128)  # bytes of one text's keys and values
    most = (80e9 - 2 * shape.parameters) * 0.8 // kept
    assert page.at_once(shape) == min(512, most)
    assert page.gpus(shape) == 1


@pytest.mark.parametrize(
    ("name", "billions"), [("SmolLM2-135M", 0.1345), ("Llama-2-13B", 13.02), ("Llama-3-70B", 70.55)]
)
def test_sizes_are_those_of_the_models(page, name, billions):
    shape = next(s for s in page.SHAPES if s.name == name)
    assert shape.parameters / 1e9 == pytest.approx(billions, rel=1e-3)


def test_the_grid_has_the_hours_of_the_page_on_clusters(page):
    assert f"| all | | | {page.HOURS} |" in (DOCS / "cluster.md").read_text(encoding="utf-8")
    assert "computed" in page.performance() and "GPU** unless" in page.performance()
