"""Fixtures of the tests of editing."""

from __future__ import annotations

import pytest

from finding_bundle import write_finding_bundle
from maskgan.editing.editor import Editor, Face
from maskgan.samples import FACE, LABELS


@pytest.fixture(scope="session")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Editor:
    """An editor that finds the faces of `finding_bundle.photo_of`."""
    folder = tmp_path_factory.mktemp("finding") / "bundle"
    return Editor.open(write_finding_bundle(folder), threads=1)


@pytest.fixture(scope="module")
def editor() -> Editor:
    """An editor with the bundle of the package."""
    return Editor.open(threads=1)


@pytest.fixture(scope="module")
def face(editor: Editor) -> Face:
    """The sample face."""
    return editor.photo(FACE, aligned=True, labels=LABELS)
