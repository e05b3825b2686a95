"""Where the files of this project lie that are no modules: the workflow, its entries, its data."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
_INSTALLED = PACKAGE / "project"  # in a wheel; in a checkout the package lies under scripts/

PROJECT = _INSTALLED if _INSTALLED.is_dir() else PACKAGE.parents[1]
ENTRIES = PROJECT / "scripts"
