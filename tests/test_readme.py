"""README and docs keep their word: what they show in bash and python runs, every link leads
somewhere, and every command is named.

All blocks of a file run in order in one empty folder that holds the sample files. Lines that set up
an environment (make, pip) are left out. Blocks of another language are not run.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from maskgan import samples
from maskgan.cli import COMMANDS
from maskgan.presets import PRESETS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)")
EACH_ALONE = """
import json, sys
for text in json.loads(sys.argv[1]):
    exec(compile(text, "<block>", "exec"), {"__name__": "__main__"})
"""
"""Python blocks see nothing of each other but their files; what they import is loaded once."""
NOT_RUN = ("make ", "pip ", "pre-commit ")


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of every block that runs."""
    found = []
    for language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language == "bash":
            lines = [line for line in text.splitlines() if not line.startswith(NOT_RUN)]
            text = "\n".join(lines).strip()
        if language in ("bash", "python") and text:
            found.append((language, text))
    return found


def anchors(page: Path) -> set[str]:
    """The names by which the headings of a page are linked to."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page)], ids=lambda page: page.name
)
def test_what_a_page_shows_runs(page: Path, tmp_path: Path) -> None:
    for path in (samples.FACE, samples.LABELS, samples.NEW_LABELS):
        shutil.copy(path, tmp_path)
    scripts = sysconfig.get_path("scripts")
    environment = os.environ | {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    for language, found in itertools.groupby(blocks(page), lambda block: block[0]):
        texts = [text for _, text in found]
        text = json.dumps(texts) if language == "python" else "\n".join(texts)
        words = ["bash", "-euo", "pipefail", "-c", text]
        done = subprocess.run(
            [sys.executable, "-c", EACH_ALONE, text] if language == "python" else words,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{page.name}:\n{text}\n{done.stdout}\n{done.stderr}"


def test_the_readme_shows_both_languages() -> None:
    languages = [language for language, _ in blocks(ROOT / "README.md")]
    assert languages == ["python", "bash"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in anchors(path), f"{page.name} links to {target}#{anchor}"


def test_every_command_is_documented_and_no_other() -> None:
    texts = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    groups = {command.split()[0] for command in COMMANDS}
    shown = set(re.findall(r"(?:^|`)maskgan ([a-z]+(?: [a-z]+)?)", texts, re.MULTILINE))
    named = {words if words in COMMANDS else words.split()[0] for words in shown}
    assert COMMANDS.keys() <= named
    assert named <= COMMANDS.keys() | groups


def test_every_preset_is_documented_and_no_other() -> None:
    text = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    section = text.split("## Presets")[1].split("##")[0]
    cells = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
    assert set(re.findall(r"`([\w-]+)`", " ".join(cells))) == PRESETS.keys()
