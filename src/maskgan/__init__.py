"""maskgan: open a face photo, repaint its label map, get the photo back with only that change.

The public names load on first use, so `import maskgan` costs next to nothing.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maskgan.editing.editor import Editor, Face, Result, Style
    from maskgan.labels import LABELS

__all__ = ["LABELS", "Editor", "Face", "Result", "Style", "__version__"]

__version__ = "0.1.0"

# ONNX Runtime reports its use to its maker unless it is told not to before it is first loaded.
# Nothing leaves this machine.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

_HOMES = {
    "LABELS": "maskgan.labels",
    "Editor": "maskgan.editing.editor",
    "Face": "maskgan.editing.editor",
    "Result": "maskgan.editing.editor",
    "Style": "maskgan.editing.editor",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'maskgan' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
