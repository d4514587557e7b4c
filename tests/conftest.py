"""Fixtures shared by the whole suite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Before anything loads PyTorch, and for the processes that tests start: networks this small only
# wait for each other on several threads, and the suite itself runs in as many processes as there
# are cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# The networks likewise: with a thread per core the processes of a suite wait for each other.
os.environ.setdefault("MASKGAN_THREADS", "1")

from maskgan.data.drawn import draw_dataset

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SHARED_REFERENCE = SHARED_DATA.parent / "reference"


LONG = (
    "test_readme.py",
    "test_page_annotation.py",
    "test_distributed.py",
    "test_batch_ray.py",
    "test_resume.py",
    "test_page_looks.py",
    "test_page_strokes.py",
    "test_page_keeping.py",
    "test_failures.py",
    "test_page_files.py",
    "test_fuzz.py",
)
"""Files that take more than a minute, the longest first. A file is one process's, so they begin
first: whichever ends last should be short."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of `LONG` first."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONG)))


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
