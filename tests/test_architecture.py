"""The shape of the source: who may import whom, what editing must not load, how long files are."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "maskgan"

FOUNDATION = {"labels", "images", "picture", "errors", "config", "files"}
PHOTO = {"photo", "provenance", "credentials"}
EDITING = FOUNDATION | PHOTO | {"manifest", "bundle", "alignment", "editing"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "labels": set(),
    "config": {"errors"},
    "files": {"errors"},
    "exif": set(),
    "xmp": set(),
    "color": set(),
    "picture": {"errors"},
    "images": {"errors", "files", "labels", "picture"},
    "provenance": {"errors", "picture", "xmp"},
    "credentials": {"errors", "files", "provenance"},
    "photo": {"color", "errors", "exif", "files", "images", "picture", "provenance", "xmp"},
    "manifest": {"config", "errors"},
    "runtimes": {"errors"},
    "bundle": FOUNDATION | {"manifest", "runtimes"},
    "alignment": FOUNDATION | {"manifest", "bundle"},
    "editing": FOUNDATION | PHOTO | {"__init__", "manifest", "bundle", "alignment"},
    "batch": EDITING | {"__init__"},
    # Of data, what knows the files of datasets: in the editor they are annotated.
    "web": EDITING | {"__init__", "data", "samples"},
    "samples": EDITING,
    "data": FOUNDATION,
    "models": FOUNDATION | {"data"},
    "losses": FOUNDATION | {"data", "models"},
    "training": FOUNDATION | {"manifest", "bundle", "data", "models", "losses", "presets"},
    # Presets are values of the configs in training; training.run looks them up by name.
    "presets": FOUNDATION | {"data", "models", "losses", "training"},
    "evaluation": EDITING | {"__init__", "data", "models", "losses", "training", "presets"},
    "export": EDITING | {"data", "models", "training"},
    # The public names, loaded on first use.
    "__init__": {"labels", "editing"},
    "__main__": {"cli"},
    "arguments": {"__init__", "errors"},
    "commands": EDITING | {"batch", "data", "training", "evaluation", "export", "presets", "web"},
    "cli": {"arguments", "commands", "errors"},
}
"""Layer -> layers it may import, whether at the top or inside a function. `data` stands below the
networks: of it, models and losses use `data.tensors` only."""

WITHOUT_TORCH = ("photo", "manifest", "bundle", "alignment", "editing", "batch", "samples", "web")
"""Layers that people who only edit load."""
DATA_WITHOUT_TORCH = (
    "celebamask",
    "drawn",
    "folder",
    "labelled",
    "manifest",
    "pack",
    "parts",
    "prepare",
    "verify",
)
"""Modules of `data` behind commands that need no PyTorch, and behind the editor in the browser."""
TRAINING_EXTRA = {"torch", "onnx", "onnxscript", "safetensors", "matplotlib"}

MAX_LINES = 350
MAX_PAGE_LINES = 300
"""The same for what the browser loads: scripts, styles and HTML."""
DRAWERS = {"utils", "util", "misc", "common", "base", "helpers", "helper", "core"}

FILES = sorted(SOURCE.rglob("*.py"))
PAGE = SOURCE / "web" / "static"
PAGE_FILES = sorted(path for path in PAGE.rglob("*") if path.suffix in (".js", ".css", ".html"))


def module_name(path: Path) -> str:
    """File -> dotted name inside the package, without a final `__init__` but the package's own."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imports(path: Path) -> Iterator[str]:
    """Full names of what a file imports, anywhere in it; `from a import b` gives `a.b`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}, line {node.lineno}: write imports in full"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def own_imports(path: Path) -> Iterator[tuple[str, ...]]:
    """What a file imports of this package, as names below `maskgan`."""
    for name in imports(path):
        root, *rest = name.split(".")
        if root == "maskgan":
            known = rest and ((SOURCE / rest[0]).is_dir() or (SOURCE / f"{rest[0]}.py").is_file())
            yield tuple(rest) if known else ("__init__", *rest)


def run_python(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )


def test_every_layer_has_its_place() -> None:
    found = {module_name(path).split(".")[0] for path in FILES}
    assert found <= MAY_IMPORT.keys()
    assert {"labels", "bundle", "editing", "data", "models", "training", "cli"} <= found


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_imports_go_one_way(path: Path) -> None:
    layer = module_name(path).split(".")[0]
    allowed = MAY_IMPORT[layer] | {layer}
    wrong = {".".join(name) for name in own_imports(path) if name[0] not in allowed}
    assert not wrong, f"{module_name(path)} must not import {sorted(wrong)}"


@pytest.mark.parametrize("layer", ["models", "losses"])
def test_networks_know_tensors_but_no_datasets(layer: str) -> None:
    files = [path for path in FILES if module_name(path).split(".")[0] == layer]
    used = {name[1] for path in files for name in own_imports(path) if name[0] == "data"}
    assert used <= {"tensors"}


def test_walking_sees_imports_inside_functions() -> None:
    assert ("training", "run", "train") in set(own_imports(SOURCE / "commands" / "training.py"))


def test_editing_names_no_torch() -> None:
    for path in FILES:
        if module_name(path).split(".")[0] in (*WITHOUT_TORCH, *FOUNDATION, "__init__", "cli"):
            roots = {name.split(".")[0] for name in imports(path)}
            assert not roots & TRAINING_EXTRA, module_name(path)


def test_editing_and_preparation_load_where_torch_is_not_installed() -> None:
    names = [
        name
        for name in map(module_name, FILES)
        if name.split(".")[0] in (*WITHOUT_TORCH, *FOUNDATION, "cli")
    ] + [f"data.{name}" for name in DATA_WITHOUT_TORCH]
    done = run_python(
        "import importlib, sys\n"
        "class Blocker:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] in {TRAINING_EXTRA!r}:\n"
        "            raise ModuleNotFoundError(f'{name} is blocked', name=name)\n"
        "sys.meta_path.insert(0, Blocker())\n"
        "try:\n"
        "    import torch\n"
        "except ModuleNotFoundError:\n"
        "    pass\n"
        "else:\n"
        "    sys.exit('the blocker does not block')\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module('maskgan.' + name)\n"
        "print(len(sys.modules))"
    )
    assert done.returncode == 0, done.stderr
    assert {"editing.editor", "web.app"} <= set(names)


def test_importing_the_package_is_light() -> None:
    done = run_python(
        "import sys\nimport maskgan\n"
        "heavy = {'numpy', 'PIL', 'onnxruntime', 'torch', 'tqdm', 'scipy', 'argparse'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_files_are_short_and_named_for_what_they_hold(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES, f"{module_name(path)} has {lines} lines; split it by nouns"
    assert path.stem not in DRAWERS
    assert not DRAWERS & set(path.relative_to(SOURCE).parent.parts)


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_every_file_says_what_it_holds(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_source_is_ascii(path: Path) -> None:
    assert path.read_bytes().isascii()


def page_name(path: Path) -> str:
    return path.relative_to(PAGE).as_posix()


@pytest.mark.parametrize("path", PAGE_FILES, ids=page_name)
def test_files_of_the_page_are_short_ascii_and_named_for_what_they_hold(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.isascii()
    assert len(text.splitlines()) <= MAX_PAGE_LINES, "split it by nouns"
    assert not DRAWERS & {path.stem, *path.relative_to(PAGE).parent.parts}
    if path.suffix in (".js", ".css"):
        assert text.startswith("/*"), "begin with what it holds"


@pytest.mark.parametrize("path", PAGE_FILES, ids=page_name)
def test_the_page_loads_nothing_from_elsewhere(path: Path) -> None:
    """Names of namespaces are no addresses."""
    addresses = set(re.findall(r"https?://[\w.]+", path.read_text(encoding="utf-8")))
    assert addresses <= {"http://www.w3.org"}
