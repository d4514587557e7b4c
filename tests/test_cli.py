"""The table of commands, and what they import: `tests/commands` holds what they do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from maskgan import __version__, cli, images
from maskgan.arguments import Command
from maskgan.labels import IDS, colorize
from tiny_bundle import face_labels, write_bundle, write_face

WHICH_FACE = ("--aligned", "--face", "--point", "--points")
SIGNING = ("--sign", "--key", "--timestamp")


def test_contract() -> None:
    """Names and flags that may not change without a note in the change log."""
    found = {
        name: [argument for argument, _ in command.arguments]
        for name, command in cli.COMMANDS.items()
    }
    assert found == {
        "parse": ["photo", "--output", *WHICH_FACE, "--crop", "--bundle", "--json"],
        "edit": [
            "photo",
            "--labels",
            "--output",
            "--source-labels",
            *WHICH_FACE,
            "--style",
            "--regions",
            "--colour",
            "--no-surroundings",
            "--no-bending",
            "--bundle",
            "--no-provenance",
            *SIGNING,
            "--json",
        ],
        "attribute": [
            "photo",
            "--name",
            "--strength",
            "--output",
            *WHICH_FACE,
            "--all-faces",
            "--learned",
            "--no-surroundings",
            "--no-bending",
            "--bundle",
            "--no-provenance",
            *SIGNING,
            "--json",
        ],
        "animate": [
            "photo",
            "--labels",
            "--output",
            "--frames",
            "--size",
            "--photo",
            "--source-labels",
            *WHICH_FACE,
            "--style",
            "--regions",
            "--colour",
            "--bundle",
            "--no-provenance",
            "--json",
        ],
        "batch": ["manifest", "--output", "--resume", "--workers", "--ray", "--bundle"],
        "verify": ["file"],
        "serve": [
            "--host",
            "--port",
            "--bundle",
            "--no-browser",
            "--self-test",
            "--token",
            "--threads",
            "--annotate",
            "--output",
            "--layout",
            "--aligned",
            "--json",
        ],
        "data prepare": ["source", "--output", "--size", "--fix-sides", "--resume", "--workers"],
        "data verify": ["folder"],
        "data draw": ["--count", "--output", "--size", "--seed"],
        "data pack": ["folders", "--size", "--output", "--max-mib"],
        "train": ["preset", "--data", "--run", "--resume", "--dry-run"],
        "evaluate": [
            "system",
            "--data",
            "--output",
            "--judge",
            "--classifier",
            "--mask-vae",
            "--vgg",
            "--inception",
            "--identity",
            "--lpips",
            "--groups",
            "--name",
            "--size",
            "--faces",
            "--robustness",
            "--whole",
            "--seed",
            "--json",
        ],
        "compare": ["reports", "--output"],
        "requests": ["--data", "--output", "--size", "--faces", "--robustness", "--seed"],
        "export": [
            "runs",
            "--output",
            "--quantize",
            "--directions",
            "--training-data",
            "--licence",
        ],
        "import": ["weights", "--output"],
    }


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_of_every_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*name.split(), "--help"])
    assert ended.value.code == 0
    assert f"usage: maskgan {name} " in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"maskgan {__version__}\n"


def test_train_collects_the_options_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}
    run = cli.COMMANDS["train"]

    def record(**arguments: object) -> int:
        seen.update(arguments)
        return 0

    monkeypatch.setitem(cli.COMMANDS, "train", Command(record, run.arguments))
    words = "train --model.width 32 parser --data a b --training.lr=-1e-3 --data c --run r --resume"
    assert cli.main(words.split()) == 0
    assert seen == {
        "preset": "parser",
        "data": [Path("a"), Path("b"), Path("c")],
        "run": Path("r"),
        "resume": True,
        "dry_run": False,
        "options": {"model.width": "32", "training.lr": "-1e-3"},
    }


# Fresh processes: what is imported, and what is not needed

BLOCKED = """
import sys
from importlib.abc import MetaPathFinder

class Blocker(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)

sys.meta_path.insert(0, Blocker())
from maskgan.cli import main
code = main(sys.argv[1:])
print("loaded:", *sorted(set(sys.modules) & {probes}), file=sys.stderr)
sys.exit(code)
"""
NOT_INSTALLED = {"torch", "onnx", "onnxscript", "safetensors", "scipy"}


def fresh(words: list[str], folder: Path, blocked: set[str]) -> subprocess.CompletedProcess[str]:
    program = BLOCKED.replace("{names}", repr(blocked)).replace("{probes}", repr(blocked))
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_edit_and_parse_need_no_torch(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    write_face(tmp_path)
    wanted = np.where(face_labels() == IDS["u_lip"], np.uint8(IDS["nose"]), face_labels())
    images.write_labels(tmp_path / "new.png", wanted)
    words = ["edit", "face.png", "--labels", "new.png", "--output", "out.png", "--aligned"]
    done = fresh([*words, "--bundle", str(bundle)], tmp_path, NOT_INSTALLED)
    assert (done.returncode, done.stderr) == (0, "loaded:\n")
    np.testing.assert_array_equal(images.read(tmp_path / "out.png"), colorize(wanted))


def test_training_without_torch_names_the_extra(tmp_path: Path) -> None:
    done = fresh(["train", "parser", "--data", "d", "--run", "r"], tmp_path, NOT_INSTALLED)
    assert done.returncode == 2
    assert done.stderr.startswith("maskgan: error: This command needs torch; install it with: pip")
    assert "maskgan[train]" in done.stderr
    assert not (tmp_path / "r").exists()


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom maskgan.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit as end:\n    code = end.code\n"
        "heavy = {'numpy', 'PIL', 'onnxruntime', 'torch', 'tqdm', 'scipy', 'fastapi', 'uvicorn'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "[]\n")
    words = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("    ")]
    groups = {name.split()[0] for name in cli.COMMANDS}
    assert groups <= set(words)
    assert {"parse", "edit", "serve", "data", "train"} <= groups
