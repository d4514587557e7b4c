"""Fixtures shared by the whole suite."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real faces that developers keep beside the repository; absent for users."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the developers' real faces (../shared/data) are not here")
    return SHARED_DATA
