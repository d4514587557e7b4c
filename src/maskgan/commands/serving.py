"""The command that serves the editor in the browser."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from maskgan.commands.extras import extra
from maskgan.errors import ConfigError

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from maskgan.web.security import SecurityConfig

EVERYWHERE = {"0.0.0.0", "::"}
"""Hosts that stand for every address of this machine."""


def serve(
    host: str = "127.0.0.1",
    port: int = 7860,
    bundle: Path | None = None,
    no_browser: bool = False,
    self_test: bool = False,
    token: str | None = None,
    threads: int | None = None,
    annotate: Path | None = None,
    output: Path | None = None,
    layout: Literal["dataset", "parts"] = "dataset",
    aligned: bool = False,
    as_json: bool = False,
) -> int:
    """Serves the editor in the browser, on this machine alone unless told otherwise."""
    if (annotate is None) != (output is None):
        raise ConfigError(
            "--annotate names the folder of photos and --output the folder to write labels into; "
            "give both or neither."
        )
    if aligned and annotate is None:
        raise ConfigError("--aligned tells about the photos of --annotate; give both or neither.")
    if as_json and not self_test:
        raise ConfigError("--json is the form of a report; give it with --self-test.")
    with extra("web"):
        from maskgan.web.listener import listen, run
        from maskgan.web.security import SecurityConfig
    if self_test:
        host, port = "127.0.0.1", 0
    with listen(host, port) as listening:  # before the model is loaded: it may be taken
        port = listening.getsockname()[1]
        security = SecurityConfig.bound_to(host, port, token)
        app = _app(bundle, threads, security, annotate, output, layout, aligned)
        if self_test:
            return _test(app, listening, security, as_json)
        addresses = _addresses(host, port, security)

        def ready() -> None:
            _greet(addresses, security)
            if not no_browser and _has_display():
                # In a thread: some browsers return only when they are closed.
                threading.Thread(target=webbrowser.open, args=addresses[:1], daemon=True).start()

        with suppress(KeyboardInterrupt):  # the usual way to end it
            run(app, listening, ready)
        print("Stopped.")
    return 0


def _app(
    bundle: Path | None,
    threads: int | None,
    security: SecurityConfig,
    annotate: Path | None,
    output: Path | None,
    layout: Literal["dataset", "parts"],
    aligned: bool,
) -> Starlette:
    """The editor's app, guarded."""
    with extra("web"):
        from maskgan.editing.editor import Editor
        from maskgan.editing.rendering import renderer_of
        from maskgan.web.annotation import Annotation
        from maskgan.web.app import create_app
    editor = Editor.open(bundle, threads)
    renderer_of(editor.bundle)  # one that takes no labels is refused here, not at the first stroke
    annotation = None
    if annotate is not None and output is not None:
        annotation = Annotation(annotate, output, layout, aligned)
    return create_app(editor, security=security, annotation=annotation)


def _test(app: Starlette, listening: socket.socket, security: SecurityConfig, as_json: bool) -> int:
    """Serves, edits the sample once, and reports."""
    with extra("web"):
        from maskgan.web.listener import serving
        from maskgan.web.selftest import check

    with serving(app, listening):
        report = check(f"http://127.0.0.1:{listening.getsockname()[1]}", security.token)
    print(json.dumps(report.as_dict()) if as_json else "\n".join(report.lines()))
    return 0 if report.ok else 1


def _addresses(host: str, port: int, security: SecurityConfig) -> list[str]:
    """Where the page can be opened, this machine's own address first."""
    end = f":{port}/" if security.token is None else f":{port}/?token={security.token}"
    if host not in EVERYWHERE:
        return [f"http://[{host}]{end}" if ":" in host else f"http://{host}{end}"]
    return [f"http://127.0.0.1{end}", f"http://{socket.gethostname()}{end}"]


def _greet(addresses: list[str], security: SecurityConfig) -> None:
    """Says where the editor is."""
    print(f"The editor is at {addresses[0]} (Ctrl+C stops it).", flush=True)
    for address in addresses[1:]:
        print(f"From other machines: {address}")
    if security.any_address:
        print(
            "Whoever has that address can use it. The connection is not encrypted: use it on a "
            "network you trust.",
            flush=True,
        )


def _has_display() -> bool:
    """Whether a browser could show itself; without a display one in the terminal might start."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
