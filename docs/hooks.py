"""Pages that are generated, and the order of all pages: what the site has beside docs/*.md."""

import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from api_page import api  # noqa: E402 needs the path above
from combination_page import combinations  # noqa: E402
from configuration_page import configuration  # noqa: E402
from method_pages import pages  # noqa: E402
from performance_page import performance  # noqa: E402

# Section → pages in order; further pages of docs/ come last. A page that is not there is left out.
ORDER = {
    "Start": ["index.md", "tutorial.md", "troubleshooting.md"],
    "Run": [
        "configuration.md",
        "summaries.md",
        "compressed.md",
        "cluster.md",
        "performance.md",
        "reruns.md",
        "modules.md",
    ],
    "Trust": ["faults.md", "security.md"],
    "Read": ["statistics.md", "bias.md", "cards.md", "figures.md", "publishing.md", "formats.md"],
    "Methods": ["hgla.md", "study.md", "combinations.md", "methods/"],
    "Allocations, refinements, presets": ["allocations/", "refinements/", "presets/"],
    "Attributions": ["attributions/"],
    "Metrics": ["metrics/"],
    "Project": ["api.md", "contributing.md", "changelog.md"],
}
# Page → the file of the repository that it is.
COPIED = {
    "formats.md": "data/README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages into their order."""
    named = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    named |= {"configuration.md", "combinations.md", "api.md", "performance.md", *COPIED, *pages()}
    nav: list[dict[str, list[str]]] = []
    left = set(named)
    for section, places in ORDER.items():
        found = [name for place in places for name in _pages(place, named)]
        nav.append({section: found})
        left -= set(found)
    nav += [{"Further": sorted(left)}] if left else []
    config.nav = nav
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages, and those that stand elsewhere in the repository."""
    made = {"configuration.md": configuration(), "combinations.md": combinations()}
    made |= {"api.md": api(), "performance.md": performance(), **pages()}
    made |= {page: _moved(ROOT / source) for page, source in COPIED.items()}
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    return files


def _pages(place: str, named: set[str]) -> list[str]:
    if place.endswith("/"):
        return sorted(name for name in named if name.startswith(place))
    return [place] if place in named else []


def _moved(path: Path) -> str:
    """A file's text with its links to pages of the site mended; other links become plain."""
    known = {f"docs/{file.name}": file.name for file in (ROOT / "docs").glob("*.md")}
    known |= {source: page for page, source in COPIED.items()}

    def mended(link: re.Match[str]) -> str:
        text, target = link[1], link[2]
        if target.startswith(("https://", "#")):
            return link[0]
        place = (path.parent / target).resolve().relative_to(ROOT).as_posix()
        return f"[{text}]({known[place]})" if place in known else text

    return re.sub(r"\[([^\]]*)\]\(([^)\s]+)\)", mended, path.read_text(encoding="utf-8"))
