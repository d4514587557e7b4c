"""The tensor twins of `maskgan.images` agree with the originals bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from maskgan import images, labels
from maskgan.data import tensors

RNG = np.random.default_rng(0)


def test_to_float_is_the_twin_for_every_value() -> None:
    pixels = np.arange(256, dtype=np.uint8).repeat(3).reshape(1, 16, 16, 3)
    twin = tensors.to_float(torch.from_numpy(pixels))
    assert twin.dtype == torch.float32
    assert twin.is_contiguous(memory_format=torch.channels_last)
    np.testing.assert_array_equal(twin.numpy(), images.to_float(pixels))


def test_to_uint8_is_the_twin_also_beyond_the_range() -> None:
    values = RNG.uniform(-1.5, 1.5, (2, 3, 20, 24)).astype(np.float32)
    halves = (np.arange(72, dtype=np.float32) + 0.5) / 127.5 - 1  # ties: rounding to even
    values[0, 0, :3] = halves.reshape(3, 24)
    twin = tensors.to_uint8(torch.from_numpy(values))
    assert twin.dtype == torch.uint8
    np.testing.assert_array_equal(twin.numpy(), images.to_uint8(values))


def test_every_pixel_value_survives_the_round_trip() -> None:
    pixels = torch.arange(256, dtype=torch.uint8).repeat_interleave(3).view(1, 16, 16, 3)
    assert torch.equal(tensors.to_uint8(tensors.to_float(pixels)), pixels)


def test_one_hot_is_the_twin() -> None:
    values = RNG.integers(0, 19, (2, 8, 12)).astype(np.uint8)
    twin = tensors.one_hot(torch.from_numpy(values))
    assert twin.shape == (2, 19, 8, 12)
    np.testing.assert_array_equal(twin.numpy(), images.one_hot(values))


def test_float_labels_are_one_hot_already() -> None:
    soft = torch.softmax(torch.from_numpy(RNG.standard_normal((2, 19, 4, 4))), 1)
    assert tensors.one_hot(soft) is soft


def test_mirror_labels_is_the_twin() -> None:
    values = RNG.integers(0, 19, (3, 8, 12)).astype(np.uint8)
    twin = tensors.mirror_labels(torch.from_numpy(values))
    expected = np.stack([labels.mirror(one) for one in values])
    np.testing.assert_array_equal(twin.numpy(), expected)


@pytest.mark.parametrize("size", [(32, 32), (128, 128), (48, 80), (63, 37), (150, 90)])
def test_resize_labels_is_the_twin(size: tuple[int, int]) -> None:
    values = RNG.integers(0, 19, (64, 64)).astype(np.uint8)
    twin = tensors.resize_labels(torch.from_numpy(values)[None], size)
    np.testing.assert_array_equal(twin[0].numpy(), images.resize_labels(values, size))
