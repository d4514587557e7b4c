"""The large parser: shapes, which of its weights a step moves, its model file."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from maskgan.models.vgg_parser import VggParser, VggParserConfig
from maskgan.training.checkpoint import load_model, save_model

TINY = VggParserConfig(widths=(8, 12), size=64)


@pytest.fixture(scope="module")
def parser() -> VggParser:
    torch.manual_seed(0)
    return VggParser(TINY).eval()


@pytest.fixture(scope="module")
def photos() -> Tensor:
    return torch.rand((3, 3, 32, 48), generator=torch.Generator().manual_seed(1)) * 2 - 1


@torch.no_grad()
def test_logits_have_half_the_photo_s_size(parser: VggParser, photos: Tensor) -> None:
    assert parser(photos).shape == (3, 19, 16, 24)
    labels = parser.labels(photos)
    assert labels.dtype == torch.uint8
    assert labels.shape == (3, 32, 48)
    assert parser.labels(photos, (50, 70)).shape == (3, 50, 70)


@torch.no_grad()
def test_photos_of_a_batch_do_not_see_each_other(parser: VggParser, photos: Tensor) -> None:
    torch.testing.assert_close(parser(photos)[1:2], parser(photos[1:2]), rtol=1e-4, atol=1e-5)


def test_only_the_upper_two_blocks_and_the_decoder_get_gradients(photos: Tensor) -> None:
    parser = VggParser(TINY).train()
    parser(photos).square().mean().backward()
    still = {name for name, value in parser.named_parameters() if value.grad is None}
    names = {name for name, _ in parser.named_parameters()}
    assert still == {name for name in names if name.startswith("features.blocks.0.")}
    assert any(name.startswith("features.blocks.1.") for name in names - still)


def test_a_render_is_judged_through_the_frozen_blocks(photos: Tensor) -> None:
    """Without a gradient to the picture, a loss on the parser's answer would teach nothing."""
    parser = VggParser(TINY).eval().requires_grad_(False)
    picture = photos.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(parser(picture)[:, 1].sum(), picture)
    assert gradient.flatten(1).any(1).all()


@torch.no_grad()
def test_a_model_file_needs_no_other_weights(
    parser: VggParser, photos: Tensor, tmp_path: Path
) -> None:
    parser.features.mean.fill_(0.1)  # as `load` leaves it: not the value that it begins with
    save_model(tmp_path / "parser.safetensors", parser)
    again = load_model(tmp_path / "parser.safetensors")
    assert isinstance(again, VggParser)
    assert again.config == TINY
    assert not again.training
    assert torch.equal(again(photos), parser(photos))


@pytest.mark.parametrize("values", [{"size": 100}, {"widths": (8,)}, {"widths": (8,) * 5}])
def test_impossible_sizes_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"size is .* expected 2 to 4 widths and a multiple"):
        VggParserConfig(**values)  # type: ignore[arg-type]
