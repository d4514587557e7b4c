"""The authors' state dicts are read whole or refused with the tensor that does not fit."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from maskgan.errors import CheckpointError
from maskgan.models.authors import AuthorsConfig, authors_layers, from_authors
from maskgan.models.blender import AlphaBlender, AlphaBlenderConfig
from maskgan.models.dense_mapping import DenseMappingConfig, DenseMappingNetwork
from maskgan.models.discriminator import MultiScaleDiscriminator, MultiScaleDiscriminatorConfig

sys.path.insert(0, str(Path(__file__).resolve().parent))
from authors_fixture import authors_shapes

SMALL = DenseMappingConfig(width=4, downsamplings=2, blocks=2, style_width=8)
PAPER: dict[str, AuthorsConfig] = {
    "generator": DenseMappingConfig(),
    "blender": AlphaBlenderConfig(),
    "discriminator": MultiScaleDiscriminatorConfig(),
}


def small_state() -> dict[str, Tensor]:
    """What the authors' code would save for a generator of the size `SMALL`."""
    layers = authors_layers(SMALL)
    state = {}
    for name, tensor in DenseMappingNetwork(SMALL).state_dict().items():
        layer, kind = name.rsplit(".", 1)
        state[f"{layers[layer]}.{kind}"] = tensor
    for block in (10, 11):
        for half in (0, 1):
            for buffer in ("running_mean", "running_var"):
                state[f"model.{block}.conv_block.{half}.norm.{buffer}"] = torch.zeros(16)
    return state


@pytest.mark.parametrize("network", PAPER)
def test_all_keys_of_the_authors_are_known(network: str, shared_reference: Path) -> None:
    shapes = authors_shapes(shared_reference, network)
    empty = {key: torch.zeros(1).expand(shape) for key, shape in shapes.items()}
    config = PAPER[network]
    layers = authors_layers(config)
    needed = {f"{layer}.{kind}" for layer in layers.values() for kind in ("weight", "bias")}
    assert needed == {key for key in shapes if ".norm." not in key}
    if network != "generator":  # 360 MB, and its own test reads it
        from_authors(empty, config)


def test_a_state_of_any_size_is_read_into_our_network() -> None:
    state = small_state()
    network = DenseMappingNetwork(SMALL)
    network.load_state_dict(from_authors(state, SMALL))
    assert torch.equal(network.backbone.head.weight, state["model.19.weight"])
    assert torch.equal(
        network.backbone.blocks[1].second.bias, state["model.11.conv_block.1.conv.bias"]
    )
    label_weight = network.label_encoder.second[5].weight
    assert torch.equal(label_weight, state["enc_label.model_last.3.conv.weight"])


def test_half_precision_is_widened() -> None:
    state = {key: value.half() for key, value in small_state().items()}
    tensors = from_authors(state, SMALL)
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}


def test_buffers_of_the_norms_may_be_absent() -> None:
    state = {key: value for key, value in small_state().items() if ".norm." not in key}
    assert set(from_authors(state, SMALL)) == set(DenseMappingNetwork(SMALL).state_dict())


def test_the_first_misfit_is_named() -> None:
    state = small_state()
    del state["model.4.bias"], state["model.7.bias"]
    with pytest.raises(CheckpointError, match=r"model\.4\.bias \(8\) is missing; expected the"):
        from_authors(state, SMALL)
    state = small_state() | {"model.1.weight": torch.zeros(4, 3, 7, 7)}
    with pytest.raises(CheckpointError, match=r"model\.1\.weight has shape 4x3x7x7; .* 4x19x7x7"):
        from_authors(state, SMALL)
    with pytest.raises(CheckpointError, match=r"the tensor model\.99\.weight, which the authors'"):
        from_authors(small_state() | {"model.99.weight": torch.zeros(1)}, SMALL)
    strange = {"model.50.conv_block.0.norm.running_mean": torch.zeros(16)}
    with pytest.raises(CheckpointError, match=r"model\.50\.conv_block\.0\.norm\.running_mean"):
        from_authors(small_state() | strange, SMALL)


@pytest.mark.parametrize("value", [torch.zeros(4, 19, 7, 7, dtype=torch.int64), "text", None])
def test_entries_that_are_not_weights_are_refused(value: object) -> None:
    with pytest.raises(CheckpointError, match=r"model\.1\.weight holds .*floating-point"):
        from_authors(small_state() | {"model.1.weight": value}, SMALL)


def test_something_else_is_refused() -> None:
    with pytest.raises(CheckpointError, match="is a list; expected a state dict"):
        from_authors([torch.zeros(1)])  # type: ignore[arg-type]
    with pytest.raises(CheckpointError, match=r"model\.1\.weight has shape .*expected 64x19x7x7"):
        from_authors(small_state())
    with pytest.raises(CheckpointError, match="the authors' discriminator"):
        from_authors(small_state(), MultiScaleDiscriminatorConfig())


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        (AlphaBlenderConfig(width=4, downsamplings=1, blocks=2), AlphaBlender),
        (MultiScaleDiscriminatorConfig(width=4, scales=3), MultiScaleDiscriminator),
    ],
)
def test_blender_and_discriminator_go_through(
    config: AuthorsConfig, kind: type[torch.nn.Module]
) -> None:
    network, copy = kind(config), kind(config)
    layers = authors_layers(config)
    state = {}
    for name, tensor in network.state_dict().items():
        layer, ending = name.rsplit(".", 1)
        state[f"{layers[layer]}.{ending}"] = tensor
    copy.load_state_dict(from_authors(state, config))
    for name, tensor in copy.state_dict().items():
        assert torch.equal(tensor, network.state_dict()[name])
