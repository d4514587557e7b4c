"""What the tests of exports share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import onnx
import pytest
import torch
from torch import nn

from maskgan.export import graphs


@pytest.fixture(scope="module", autouse=True)
def traced_once() -> Iterator[None]:
    """Tracing is slow; the same network gives the same graph again."""
    real, kept = graphs.trace, {}

    def trace(module: nn.Module, inputs: tuple[torch.Tensor, ...], *rest: Any) -> onnx.ModelProto:
        weights = hashlib.sha256()
        for name, tensor in module.state_dict().items():
            weights.update(name.encode() + tensor.numpy().tobytes())
        key = str(module), weights.hexdigest(), tuple(each.shape for each in inputs), repr(rest)
        if key not in kept:
            kept[key] = real(module, inputs, *rest)
        model = onnx.ModelProto()
        model.CopyFrom(kept[key])
        return model

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graphs, "trace", trace)
        yield
