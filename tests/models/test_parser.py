"""The parser network: shapes, labels from logits, size."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from maskgan.models.parser import Parser, ParserConfig

TINY = ParserConfig(widths=(8, 8, 8, 8), size=64)


@pytest.fixture(scope="module")
def parser() -> Parser:
    torch.manual_seed(0)
    return Parser(TINY).eval()


@pytest.fixture(scope="module")
def photos() -> Tensor:
    return torch.rand((3, 3, 64, 48), generator=torch.Generator().manual_seed(1)) * 2 - 1


def test_logits_have_half_the_photo_s_size(parser: Parser, photos: Tensor) -> None:
    assert parser(photos).shape == (3, 19, 32, 24)


def test_labels_are_the_best_class_of_the_scaled_logits(parser: Parser, photos: Tensor) -> None:
    found = parser.labels(photos)
    assert found.dtype == torch.uint8
    assert found.shape == (3, 64, 48)
    scaled = functional.interpolate(parser(photos), scale_factor=2.0, mode="bilinear")
    assert torch.equal(found.long(), scaled.max(1).indices)
    assert parser.labels(photos, (100, 70)).shape == (3, 100, 70)


def test_faces_of_a_batch_do_not_see_each_other(parser: Parser, photos: Tensor) -> None:
    torch.testing.assert_close(parser(photos)[1:2], parser(photos[1:2]), rtol=1e-4, atol=1e-5)


def test_channels_last_changes_nothing(parser: Parser, photos: Tensor) -> None:
    last = photos.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(parser(last), parser(photos), rtol=1e-4, atol=1e-5)


def test_the_whole_face_is_seen(parser: Parser) -> None:
    photo = torch.zeros(1, 3, 256, 256, requires_grad=True)
    parser(photo + torch.rand(photo.shape))[0, :, 64, 64].sum().backward()
    assert photo.grad is not None
    seen = torch.nonzero(photo.grad[0].abs().sum(0))
    assert (seen.amax(0) - seen.amin(0)).min() > 160


@torch.no_grad()
def test_every_parameter_matters(photos: Tensor) -> None:
    parser = Parser(TINY).train()
    small = photos[:2, :, :32, :32]
    before = parser(small)
    for name, parameter in parser.named_parameters():
        kept = parameter.clone()
        parameter += torch.randn(parameter.shape) + 1
        assert not torch.equal(parser(small), before), name
        parameter.copy_(kept)


def test_the_default_stays_under_five_megabytes() -> None:
    parameters = sum(parameter.numel() for parameter in Parser(ParserConfig()).parameters())
    assert 4 * parameters < 5e6


@pytest.mark.parametrize("values", [{"size": 100}, {"size": 0}, {"widths": (8,)}])
def test_impossible_sizes_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"size is .* expected at least 2 widths and a multiple"):
        ParserConfig(**values)  # type: ignore[arg-type]
