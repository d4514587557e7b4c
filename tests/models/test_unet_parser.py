"""The paper's parser: its parameters, its shapes, its model file."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from maskgan.models.unet_parser import UnetParser, UnetParserConfig
from maskgan.training.checkpoint import load_model, save_model

TINY = UnetParserConfig(width=4, size=32)


@pytest.fixture(scope="module")
def parser() -> UnetParser:
    torch.manual_seed(0)
    return UnetParser(TINY).eval()


@pytest.fixture(scope="module")
def photos() -> Tensor:
    return torch.rand((3, 3, 32, 48), generator=torch.Generator().manual_seed(1)) * 2 - 1


def test_the_default_has_the_paper_s_parameters() -> None:
    with torch.device("meta"):
        parser = UnetParser(UnetParserConfig())
    assert sum(parameter.numel() for parameter in parser.parameters()) == 1_944_355


@torch.no_grad()
def test_logits_have_the_photo_s_size(parser: UnetParser, photos: Tensor) -> None:
    assert parser(photos).shape == (3, 19, 32, 48)
    labels = parser.labels(photos)
    assert labels.dtype == torch.uint8
    assert torch.equal(labels, parser(photos).argmax(1).to(torch.uint8))
    assert parser.labels(photos, (50, 70)).shape == (3, 50, 70)


@torch.no_grad()
def test_photos_of_a_batch_do_not_see_each_other(parser: UnetParser, photos: Tensor) -> None:
    torch.testing.assert_close(parser(photos)[1:2], parser(photos[1:2]), rtol=1e-4, atol=1e-5)


def test_every_weight_learns(photos: Tensor) -> None:
    parser = UnetParser(TINY).train()
    parser(photos).square().mean().backward()
    assert all(value.grad is not None and value.grad.any() for value in parser.parameters())


@torch.no_grad()
def test_a_model_file_gives_it_back(parser: UnetParser, photos: Tensor, tmp_path: Path) -> None:
    save_model(tmp_path / "parser.safetensors", parser)
    again = load_model(tmp_path / "parser.safetensors")
    assert isinstance(again, UnetParser)
    assert again.config == TINY
    assert torch.equal(again(photos), parser(photos))


@pytest.mark.parametrize("values", [{"size": 40}, {"size": 0}, {"width": 0}])
def test_impossible_sizes_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"expected a width of at least 1 and a multiple of 16"):
        UnetParserConfig(**values)
