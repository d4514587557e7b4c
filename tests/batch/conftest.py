"""Fixtures of the batch tests."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from drawn_jobs import draw_jobs

from maskgan.batch.worker import Worker, WorkerConfig, identify
from maskgan.bundle import Bundle
from tiny_bundle import write_bundle

COUNT = 8


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("batch-bundle") / "tiny")


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("batch-drawn") / "photos"
    return folder, draw_jobs(folder, COUNT)


@pytest.fixture
def photos(drawn: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> Path:
    """A folder of photos that a test may change."""
    return Path(shutil.copytree(drawn[0], tmp_path / "photos"))


@pytest.fixture
def lines(drawn: tuple[Path, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """A manifest line for each photo in `photos`."""
    return [dict(line) for line in drawn[1]]


@pytest.fixture
def worker(bundle: Path, tmp_path: Path) -> Worker:
    """A worker in this process that writes into `tmp_path / "results"`."""
    (tmp_path / "results" / ".partial").mkdir(parents=True)
    config = WorkerConfig(str(tmp_path / "results"), str(bundle), identify(Bundle.open(bundle)))
    return Worker(config)
