"""The Chromium in which the page is tested, found or, run as a program, installed.

Looked for in this order: the file that $MASKGAN_CHROMIUM names; chromium, chromium-browser or
google-chrome on the PATH; the one that Playwright keeps. `python browser.py` (`make browser`) gets
one where there is none: Debian's, where we may install, else Playwright's.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

VARIABLE = "MASKGAN_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-liberation")

SWITCHED_OFF = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
"""Of the browser's own. The first two are the list below the address bar, two pages of 400 requests
that each new window loads: a third of what opening the editor costs. The others are those of
Playwright's list that tell: of two lists the browser heeds the last alone."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=" + ",".join(SWITCHED_OFF),
)
"""How it is started: without a display, and without asking anything of another host."""


def find_chromium() -> Path | None:
    """The program, None where there is none. Raises `FileNotFoundError` when the variable names
    something else."""
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise FileNotFoundError(f"{VARIABLE} is {named}, which is not a file; unset it.")
        return Path(named)
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    with sync_playwright() as playwright:
        kept = Path(playwright.chromium.executable_path)
    return kept if kept.is_file() else None


def install_chromium() -> None:
    """Installs one. Raises `subprocess.CalledProcessError` when that fails."""
    root = os.geteuid() == 0
    if root and platform.freedesktop_os_release().get("ID") == "debian":
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
            subprocess.run(
                ["apt-get", "-qq", *words], env=quiet, stdout=subprocess.DEVNULL, check=True
            )
    else:
        libraries = ["--with-deps"] if root else []
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", *libraries, "chromium"], check=True
        )


def main() -> int:
    """Makes sure that there is one; returns the exit code: 0, or 2 after a sentence."""
    try:
        if find_chromium() is None:
            print("No Chromium here; installing one.")
            install_chromium()
            if find_chromium() is None:
                raise FileNotFoundError("No Chromium came with what was installed.")
    except (OSError, subprocess.CalledProcessError) as error:
        print(
            f"{error} The tests of the page need a Chromium: install one, or name its file in "
            f"{VARIABLE}.",
            file=sys.stderr,
        )
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
