"""Packages that a test needs and the environment has not."""

import subprocess
import sys
from pathlib import Path


def installed(package: str, folder: Path) -> Path:
    """The folder, into which the package alone (NAME==VERSION) has been installed by pip."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    words = ["install", "--no-deps", "--target", str(folder), package]
    subprocess.run([*pip, *words], check=True, capture_output=True)
    return folder
