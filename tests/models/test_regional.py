"""The regional generator: what may and what may not change a pixel."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from maskgan.editing import rendering
from maskgan.labels import NUM_CLASSES
from maskgan.models.regional import (
    NOISE,
    RegionalGenerator,
    RegionalGeneratorConfig,
    StyleEncoder,
    StyleEncoderConfig,
    composite,
    hide,
)

STYLE = 8
WIDE = 576
"""Width of the strips below: more than twice as far as a pixel can see."""


def reach(levels: int) -> int:
    """How far a pixel sees, in pixels: the radius of every 3x3 convolution on its way, counted at
    the cell size of its level, and the cell in which the pixel itself lies."""
    radius = 2 + 2  # stem and head on 2x2 pixels
    for level in range(2, levels + 1):
        radius += 2 ** (level - 1) + 2 * 2**level  # stride 2, then a residual block
    radius += 2 * 2 * 2**levels  # two blocks in the middle
    for level in range(1, levels):
        radius += 2 * (1 if level == 1 else 2) * 2**level
    return radius + 2**levels


Inputs = dict[str, Tensor]


@pytest.fixture(scope="module")
def generator() -> RegionalGenerator:
    torch.manual_seed(0)
    config = RegionalGeneratorConfig(widths=(8, 8, 8, 8), style_width=STYLE, size=64)
    return RegionalGenerator(config).eval()


@pytest.fixture(scope="module")
def encoder() -> StyleEncoder:
    torch.manual_seed(0)
    return StyleEncoder(StyleEncoderConfig(width=8, style_width=STYLE, size=32)).eval()


def inputs(height: int, width: int, batch: int = 1, seed: int = 0) -> Inputs:
    rng = torch.Generator().manual_seed(seed)
    # Label regions of 8x8 pixels, each class of the first ten.
    cells = torch.randint(0, 10, (batch, height // 8, width // 8), generator=rng)
    present = torch.zeros(batch, NUM_CLASSES)
    present[:, :8] = 1
    codes = torch.randn((batch, NUM_CLASSES, STYLE), generator=rng) * present[..., None]
    return {
        "photo": torch.rand((batch, 3, height, width), generator=rng) * 2 - 1,
        "erase": (torch.rand((batch, 1, height, width), generator=rng) < 0.5).float(),
        "labels": cells.repeat_interleave(8, 1).repeat_interleave(8, 2),
        "codes": codes,
        "present": present,
    }


@torch.no_grad()
def render(generator: RegionalGenerator, values: Inputs, **changes: Tensor) -> Tensor:
    picture: Tensor = generator(**values | changes)
    return picture


def test_the_picture_has_the_photo_s_shape(generator: RegionalGenerator) -> None:
    for height, width in ((64, 64), (32, 80), (128, 48)):
        picture = render(generator, inputs(height, width, batch=2))
        assert picture.shape == (2, 3, height, width)
        assert picture.isfinite().all()


def test_erased_content_changes_nothing(generator: RegionalGenerator) -> None:
    values = inputs(64, 64)
    erase, noise = values["erase"], torch.randn(values["photo"].shape)

    def painted(photo: Tensor, noise: Tensor) -> Tensor:
        return render(generator, values, photo=hide(photo, erase, noise))

    before = painted(values["photo"], noise)
    other = torch.where(erase > 0, -values["photo"] + 0.3, values["photo"])
    assert torch.equal(before, painted(other, noise))
    kept = torch.where(erase > 0, values["photo"], -values["photo"])
    assert not torch.equal(before, painted(kept, noise))
    assert not torch.equal(before, painted(values["photo"], -noise))  # grain grows from it


def test_hiding_keeps_the_rest_bit_for_bit_and_leaks_nothing() -> None:
    photo = inputs(64, 64, batch=2)["photo"]
    erase = torch.zeros(2, 1, 64, 64)
    erase[0, :, 10:40, 5:60] = 1
    erase[1, :, 33] = 1
    noise = torch.randn(photo.shape, generator=torch.Generator().manual_seed(2))
    hidden = hide(photo, erase, noise)
    assert torch.equal(hidden[(erase == 0).expand_as(photo)], photo[(erase == 0).expand_as(photo)])
    gone = (erase > 0).expand_as(photo)
    assert torch.equal(hidden[gone], NOISE * noise[gone])
    assert hidden[gone].std() == pytest.approx(NOISE, rel=0.05)
    assert torch.equal(hidden, hide(torch.where(gone, -photo * 3, photo), erase, noise))
    assert torch.equal(hide(photo, torch.zeros_like(erase), noise), photo)
    assert torch.equal(hide(photo, torch.ones_like(erase), noise), NOISE * noise)


def test_training_and_editing_hide_with_the_same_deviation() -> None:
    assert float(rendering.NOISE) == NOISE


@pytest.mark.parametrize("name", ["photo", "labels", "erase"])
def test_far_away_changes_change_nothing(generator: RegionalGenerator, name: str) -> None:
    values = inputs(32, WIDE)
    column, radius = WIDE // 2, reach(levels=4)
    assert radius < WIDE // 2 - 32
    changed = values[name].clone()
    changed[..., : column - radius] = inputs(32, WIDE, seed=9)[name][..., : column - radius]
    changed[..., column + radius + 1 :] = inputs(32, WIDE, seed=9)[name][..., column + radius + 1 :]
    before, after = render(generator, values), render(generator, values, **{name: changed})
    assert torch.equal(before[..., column], after[..., column])
    assert not torch.equal(before[..., 0], after[..., 0])
    near = values[name].clone()
    near[..., column + 16] = 1 - near[..., column + 16]
    near[..., column + 17] = 1 - near[..., column + 17]
    if name == "labels":
        near = near.clamp(0, 18)
    assert not torch.equal(before, render(generator, values, **{name: near}))


def test_the_computed_reach_is_the_true_one(generator: RegionalGenerator) -> None:
    values = inputs(32, WIDE)
    photo = values["photo"].clone().requires_grad_()
    erase = torch.zeros_like(values["erase"])
    picture = generator(**values | {"photo": photo, "erase": erase})
    column = WIDE // 2 + 5
    picture[..., column].sum().backward()
    assert photo.grad is not None
    seen = torch.nonzero(photo.grad.abs().sum((0, 1, 2)))[:, 0]
    extent = max(column - int(seen.min()), int(seen.max()) - column)
    assert 0.75 * reach(4) < extent <= reach(4)


def test_a_crop_with_a_margin_renders_as_the_whole_does(generator: RegionalGenerator) -> None:
    values = inputs(32, WIDE)
    left, right, margin = 32, WIDE - 64, 16 * (reach(4) // 16 + 1)
    cut = {
        name: value[..., left:right] if name in ("photo", "erase", "labels") else value
        for name, value in values.items()
    }
    whole, part = render(generator, values), render(generator, cut)
    inside = slice(left + margin, right - margin)
    assert inside.stop - inside.start > 30
    torch.testing.assert_close(
        whole[..., inside], part[..., margin : right - left - margin], rtol=1e-4, atol=1e-5
    )
    assert not torch.allclose(whole[..., left], part[..., 0], atol=1e-4)  # no margin here


def test_faces_of_a_batch_do_not_see_each_other(generator: RegionalGenerator) -> None:
    values = inputs(64, 64, batch=3)
    alone = {name: value[1:2] for name, value in values.items()}
    torch.testing.assert_close(
        render(generator, values)[1:2], render(generator, alone), rtol=1e-4, atol=1e-5
    )


def test_both_memory_layouts_give_the_same_picture(generator: RegionalGenerator) -> None:
    values = inputs(64, 48, batch=2)
    last = RegionalGenerator(generator.config).eval()
    last.load_state_dict(generator.state_dict())
    last.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    turned = {
        name: value.contiguous(memory_format=torch.channels_last) if value.ndim == 4 else value
        for name, value in values.items()
    }
    picture = render(last, turned)
    assert picture.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(picture, render(generator, values), rtol=1e-4, atol=1e-5)


def test_codes_of_absent_classes_are_predicted(generator: RegionalGenerator) -> None:
    values = inputs(64, 64)
    with torch.no_grad():
        full = generator.complete(values["codes"], values["present"])
        garbage = values["codes"].clone()
        garbage[:, 8:] = 7
        same = generator.complete(garbage, values["present"])
        moved = values["codes"].clone()
        moved[:, 0] += 1
        other = generator.complete(moved, values["present"])
    assert torch.equal(full, same)
    own = values["codes"] + generator.class_code
    torch.testing.assert_close(full[:, :8], own[:, :8])
    assert not torch.allclose(full[:, 8:], generator.class_code[None, 8:])
    assert not torch.allclose(full[:, 8:], other[:, 8:])
    torch.testing.assert_close(full[:, 1:8], other[:, 1:8])
    assert torch.equal(render(generator, values), render(generator, values, codes=garbage))


def test_a_picture_of_one_class_needs_its_own_code_only(generator: RegionalGenerator) -> None:
    values = inputs(64, 64)
    values["labels"] = torch.full_like(values["labels"], 3)
    values["present"] = torch.ones_like(values["present"])
    others, own = values["codes"].clone(), values["codes"].clone()
    others[:, torch.arange(NUM_CLASSES) != 3] += 1
    own[:, 3] += 1
    before = render(generator, values)
    assert torch.equal(before, render(generator, values, codes=others))
    assert not torch.allclose(before, render(generator, values, codes=own), atol=1e-3)
    # Absent, its code is predicted from the others, which then matter.
    absent = values["present"].clone()
    absent[:, 3] = 0
    one, two = (
        render(generator, values, codes=codes, present=absent)
        for codes in (values["codes"], others)
    )
    assert not torch.equal(one, two)


def test_labels_steer_the_picture(generator: RegionalGenerator) -> None:
    values = inputs(64, 64)
    other = inputs(64, 64, seed=5)["labels"]
    gap = render(generator, values) - render(generator, values, labels=other)
    assert gap.abs().mean() > 1e-3


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="size is 72 with 4 widths"):
        RegionalGeneratorConfig(size=72)
    with pytest.raises(ValueError, match="size is 30; expected a multiple of 4"):
        StyleEncoderConfig(size=30)


def test_codes_are_averages_over_their_class(encoder: StyleEncoder) -> None:
    values = inputs(32, 32, batch=2)
    codes, present = encoder(values["photo"], values["labels"])
    assert codes.shape == (2, NUM_CLASSES, STYLE)
    assert present.shape == (2, NUM_CLASSES)
    fine = encoder.stem(values["photo"])
    coarse = encoder.deep(fine).repeat_interleave(2, 2).repeat_interleave(2, 3)
    features = torch.cat((fine, coarse), 1)
    features = features.repeat_interleave(2, 2).repeat_interleave(2, 3)  # (B, 2C, H, W)
    for face in range(2):
        for name in range(NUM_CLASSES):
            inside = values["labels"][face] == name
            assert present[face, name] == float(inside.any())
            if inside.any():
                expected = encoder.to_code(features[face][:, inside].mean(1))
                torch.testing.assert_close(codes[face, name], expected, rtol=1e-4, atol=1e-5)
            else:
                assert not codes[face, name].any()


def test_a_code_ignores_what_is_far_from_its_region(encoder: StyleEncoder) -> None:
    values = inputs(32, 128)
    labels = torch.zeros_like(values["labels"])
    labels[..., :16] = 4
    other = values["photo"].clone()
    other[..., 64:] *= -1
    before, _ = encoder(values["photo"], labels)
    after, _ = encoder(other, labels)
    torch.testing.assert_close(before[:, 4], after[:, 4])
    assert not torch.allclose(before[:, 0], after[:, 0])


def test_composite_keeps_the_photo_where_alpha_is_zero() -> None:
    photo, picture = torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8)
    alpha = torch.zeros(2, 1, 8, 8)
    alpha[:, :, 4:] = 1
    alpha[:, :, 3] = 0.25
    mixed = composite(photo, picture, alpha)
    assert torch.equal(mixed[:, :, :3], photo[:, :, :3])
    torch.testing.assert_close(mixed[:, :, 4:], picture[:, :, 4:])
    torch.testing.assert_close(mixed[:, :, 3], 0.75 * photo[:, :, 3] + 0.25 * picture[:, :, 3])
