"""What a wheel holds beside the package and whole folders: every entry of scripts/."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Entries(BuildHookInterface):
    """Puts the entries beside the workflow, where `io/project.py` finds them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add each entry to what is included; an editable installation finds them in place."""
        if version != "editable":
            for file in sorted(Path(self.root, "scripts").glob("*.py")):
                build_data["force_include"][str(file)] = f"fairprune/project/scripts/{file.name}"
