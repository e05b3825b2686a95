"""Where the shared real models, data and golden files stand, if they are beside the checkout."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="no ../shared beside the checkout: real models and data absent"
)
