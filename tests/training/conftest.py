"""Fixtures of the training tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from plain_faces import write_faces


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small only wait for each other on several threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def plain_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder of 10 training and 2 test faces of 64 px; tests must not change it."""
    return write_faces(tmp_path_factory.mktemp("plain") / "faces")
