"""Fixtures shared by the whole suite."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

# Before anything loads PyTorch, and for the processes that tests start: networks this small only
# wait for each other on several threads, and the suite itself runs in as many processes as there
# are cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from maskgan.data.drawn import draw_dataset

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SHARED_REFERENCE = SHARED_DATA.parent / "reference"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: a file is one process's, and the last ones should be short."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real faces that developers keep beside the repository; absent for users."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the developers' real faces (../shared/data) are not here")
    return SHARED_DATA


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """Test vectors of the authors' networks that developers keep beside the repository."""
    if not SHARED_REFERENCE.is_dir():
        pytest.skip("the developers' reference material (../shared/reference) is not here")
    return SHARED_REFERENCE


@pytest.fixture(scope="session")
def drawn_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder of 40 faces of 64 px drawn by code; tests must not change it."""
    folder = tmp_path_factory.mktemp("drawn") / "faces"
    draw_dataset(40, folder, size=64, seed=5, workers=1, progress=False)
    return folder
