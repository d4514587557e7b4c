"""Benchmarks are programs beside the package; they must not fall behind it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_finds_what_it_imports(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that were moved or renamed in the package stop it before it measures anything."""
    monkeypatch.syspath_prepend(FOLDER)
    for stem in NAMES:  # benchmarks import each other; each is tried from the beginning
        monkeypatch.delitem(sys.modules, stem, raising=False)
    module = importlib.import_module(name)
    assert Path(str(module.__file__)).parent == FOLDER
    assert module.__doc__
    for stem in NAMES:
        monkeypatch.delitem(sys.modules, stem, raising=False)
