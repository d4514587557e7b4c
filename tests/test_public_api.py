"""The public names: listed truly, in order, and loaded on first use only."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import maskgan
from maskgan import labels, samples
from maskgan.editing.editor import Editor

ROOT = Path(__file__).resolve().parents[1]


def in_order(names: list[str]) -> list[str]:
    """Constants, then classes, then the rest, each by the alphabet."""
    return sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))


def test_the_list_is_true() -> None:
    assert maskgan.__all__ == ["LABELS", "Editor", "Face", "Result", "Style", "__version__"]
    assert list(maskgan.__all__) == in_order(maskgan.__all__)
    assert set(maskgan.__all__) <= set(dir(maskgan))


def test_names_are_those_of_their_modules() -> None:
    editor = importlib.import_module("maskgan.editing.editor")
    assert maskgan.Editor is Editor
    assert maskgan.LABELS is labels.LABELS
    for name in ("Face", "Result", "Style"):
        assert getattr(maskgan, name) is getattr(editor, name)
        assert name in editor.__all__


def test_names_load_on_first_use() -> None:
    program = (
        "import sys, maskgan\n"
        f"for name in {maskgan.__all__!r}:\n"
        "    print('numpy' in sys.modules, getattr(maskgan, name) is not None)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr, lines[0]) == (0, "", "False True")
    assert lines[1:] == ["True True"] * (len(maskgan.__all__) - 1)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Painter'"):
        _ = maskgan.Painter


def test_the_version_is_the_distribution_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert maskgan.__version__ == project["version"]


def test_star_import_gives_the_list() -> None:
    namespace: dict[str, object] = {}
    exec("from maskgan import *", namespace)
    assert set(maskgan.__all__) <= namespace.keys()


@pytest.mark.parametrize(
    "module",
    ["maskgan.editing.editor", "maskgan.data.drawn", "maskgan.samples"],
)
def test_lists_of_modules_are_sorted_and_true(module: str) -> None:
    loaded = importlib.import_module(module)
    assert list(loaded.__all__) == in_order(loaded.__all__)
    for name in loaded.__all__:
        assert hasattr(loaded, name)


def test_the_sample_is_in_the_package() -> None:
    assert Path(samples.__file__).parent == samples.FOLDER
    for path in (samples.FACE, samples.LABELS, samples.NEW_LABELS):
        assert path.parent == samples.FOLDER
        assert path.is_file()


def test_nothing_is_recorded_about_the_user(tmp_path: Path) -> None:
    """ONNX Runtime keeps a device id and a list of events to send where nobody tells it not to."""
    code = (
        "import numpy; from maskgan.bundle import Bundle; "
        "Bundle.open(None, 1).run('parser', image=numpy.zeros((1, 3, 256, 256), numpy.float32), "
        "size=numpy.array([64, 64]))"
    )
    # Machines of CI are left alone by themselves.
    kept = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
