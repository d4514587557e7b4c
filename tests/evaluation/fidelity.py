"""torch-fidelity without torchvision, which it imports and of which the checks use nothing."""

from __future__ import annotations

import sys
import types
from importlib.machinery import ModuleSpec

NAMES = ("", ".datasets", ".models", ".transforms", ".transforms.functional")


def import_fidelity() -> types.ModuleType:
    """The package. Empty modules stand for torchvision while it is imported, and go afterwards."""
    absent = [f"torchvision{name}" for name in NAMES if f"torchvision{name}" not in sys.modules]
    for name in absent:
        module = types.ModuleType(name)
        module.__spec__, module.__path__ = ModuleSpec(name, None), []
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    if "torchvision.datasets" in absent:
        for name in ("CIFAR10", "STL10", "CIFAR100"):
            setattr(sys.modules["torchvision.datasets"], name, type(name, (), {}))
    if "torchvision.transforms" in absent:
        sys.modules["torchvision.transforms"].Compose = object  # type: ignore[attr-defined]
    try:
        import torch_fidelity
        import torch_fidelity.feature_extractor_inceptionv3
        import torch_fidelity.metric_fid
        import torch_fidelity.metric_kid
        import torch_fidelity.metric_prc
    finally:
        for name in absent:
            del sys.modules[name]
    module: types.ModuleType = torch_fidelity
    return module
