"""The authors' weights in our networks: their state dict keys -> ours.

The authors published a generator (`latest_net_G.pth`) and the code of blender and discriminator,
whose state dicts this reads too. Nothing is guessed: every tensor of our network must be there in
its shape and nothing else may be, save the statistics buffers that the authors' adaptive norms
carry and never use. Opens no files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from maskgan.errors import CheckpointError
from maskgan.models.blender import AlphaBlender, AlphaBlenderConfig
from maskgan.models.dense_mapping import DenseMappingConfig, DenseMappingNetwork
from maskgan.models.discriminator import MultiScaleDiscriminator, MultiScaleDiscriminatorConfig

AuthorsConfig = DenseMappingConfig | AlphaBlenderConfig | MultiScaleDiscriminatorConfig

UNUSED = (".norm.running_mean", ".norm.running_var")
"""Endings of keys that hold nothing: the authors' adaptive norms always use the picture's own
statistics."""


def from_authors(
    state: Mapping[str, Any], config: AuthorsConfig | None = None
) -> dict[str, Tensor]:
    """The authors' state dict of one network -> the state dict of ours, float32 on the CPU.

    `config` says which network, and of which size: None = the paper's Dense Mapping Network (their
    generator), else the config of that network, of the blender or of the discriminator. Raises
    `CheckpointError` that names the first tensor that does not fit.
    """
    config = DenseMappingConfig() if config is None else config
    network, title = _skeleton(config)
    if not isinstance(state, Mapping):
        raise CheckpointError(
            f"The authors' {title} is a {type(state).__name__}; expected a state dict, tensors by "
            "name."
        )
    layers = authors_layers(config)
    tensors: dict[str, Tensor] = {}
    read = set()
    for name, wanted in network.state_dict().items():
        layer, kind = name.rsplit(".", 1)
        key = f"{layers[layer]}.{kind}"
        tensors[name] = _fitting(state, key, wanted, title)
        read.add(key)
    for key in state:
        if key not in read and not _is_unused(key, layers):
            raise CheckpointError(
                f"The file holds the tensor {key}, which the authors' {title} does not have; "
                "expected the state dict of that network and nothing else."
            )
    return tensors


def authors_layers(config: AuthorsConfig) -> dict[str, str]:
    """Name of each layer of our network -> its name in the authors' code."""
    if isinstance(config, DenseMappingConfig):
        return dict(_generator(config))
    if isinstance(config, AlphaBlenderConfig):
        return dict(_translator("", config.downsamplings, config.blocks))
    return dict(_discriminator(config))


def _skeleton(config: AuthorsConfig) -> tuple[nn.Module, str]:
    """Our network without memory for its weights, and what to call it."""
    with torch.device("meta"):
        if isinstance(config, DenseMappingConfig):
            return DenseMappingNetwork(config), "generator"
        if isinstance(config, AlphaBlenderConfig):
            return AlphaBlender(config), "blender"
        return MultiScaleDiscriminator(config), "discriminator"


def _fitting(state: Mapping[str, Any], key: str, wanted: Tensor, title: str) -> Tensor:
    if key not in state:
        raise CheckpointError(
            f"The tensor {key} ({_shape(wanted)}) is missing; expected the authors' {title}."
        )
    found = state[key]
    if not isinstance(found, Tensor) or not found.is_floating_point():
        held = found.dtype if isinstance(found, Tensor) else type(found).__name__
        raise CheckpointError(f"The entry {key} holds {held}; expected floating-point numbers.")
    if found.shape != wanted.shape:
        raise CheckpointError(
            f"The tensor {key} has shape {_shape(found)}; expected {_shape(wanted)} as in the "
            f"authors' {title}."
        )
    return found.detach().to("cpu", torch.float32).contiguous()


def _is_unused(key: object, layers: Mapping[str, str]) -> bool:
    """True for the statistics of an adaptive norm beside one of the network's convolutions."""
    text = str(key)
    return any(
        text.endswith(ending) and f"{text.removesuffix(ending)}.conv" in layers.values()
        for ending in UNUSED
    )


def _shape(tensor: Tensor) -> str:
    return "x".join(str(side) for side in tensor.shape) or "a single number"


def _generator(config: DenseMappingConfig) -> Iterator[tuple[str, str]]:
    yield from _translator("backbone.", config.downsamplings, config.blocks)
    for index in range(3):
        yield f"style_encoder.fine.{2 * index}", f"enc_style.model.{index}.conv"
        yield f"style_encoder.coarse.{2 * index}", f"enc_style.model_middle.{index}.conv"
        yield f"label_encoder.first.{2 * index}", f"enc_label.model.{index}.conv"
        yield f"label_encoder.second.{2 * index + 1}", f"enc_label.model_last.{index + 1}.conv"
    for number, name in enumerate(("first_transform", "second_transform"), 1):
        for branch in ("scale", "shift"):
            for index in range(2):
                theirs = f"enc_style.sft{number}.SFT_{branch}_conv{index + 1}"
                yield f"style_encoder.{name}.{branch}.{2 * index}", theirs
    yield "style_encoder.to_style", "enc_style.model_last.1"


def _translator(prefix: str, downsamplings: int, blocks: int) -> Iterator[tuple[str, str]]:
    """Backbone and blender are one long list in the authors' code, where paddings, norms and
    activations are counted: three entries per convolution, one per residual block."""
    yield f"{prefix}stem.0", "model.1"
    for index in range(downsamplings):
        yield f"{prefix}down.{index}.0", f"model.{4 + 3 * index}"
    position = 4 + 3 * downsamplings
    for index in range(blocks):
        for half, name in enumerate(("first", "second")):
            theirs = f"model.{position + index}.conv_block.{half}.conv"
            yield f"{prefix}blocks.{index}.{name}", theirs
    position += blocks
    for index in range(downsamplings):
        yield f"{prefix}up.{index}.0", f"model.{position + 3 * index}"
    yield f"{prefix}head", f"model.{position + 3 * downsamplings + 1}"


def _discriminator(config: MultiScaleDiscriminatorConfig) -> Iterator[tuple[str, str]]:
    for scale in range(config.scales):
        # Theirs count from the smallest scale up, ours from the full size down.
        theirs = config.scales - 1 - scale
        for stage in range(5):
            yield f"scales.{scale}.stages.{stage}", f"scale{theirs}_layer{stage}.0"
