"""The Alpha Blender is the paper's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from maskgan.models.authors import from_authors
from maskgan.models.blender import AlphaBlender, AlphaBlenderConfig

sys.path.insert(0, str(Path(__file__).resolve().parent))
from authors_fixture import authors_answers, authors_state


def test_the_defaults_have_the_papers_parameter_count() -> None:
    with torch.device("meta"):
        blender = AlphaBlender(AlphaBlenderConfig())
    assert sum(parameter.numel() for parameter in blender.parameters()) == 4_329_443


@torch.no_grad()
def test_it_answers_as_the_authors_network(shared_reference: Path) -> None:
    blender = AlphaBlender(AlphaBlenderConfig())
    state = authors_state(shared_reference, "blender")
    blender.load_state_dict(from_authors(state, AlphaBlenderConfig()))
    given = authors_answers(shared_reference)
    blend, alpha = blender(given["generator_output"], given["generator_self"])
    assert (blend - given["blend"]).abs().max() < 1e-4
    assert (alpha - given["alpha"]).abs().max() < 1e-4


@torch.no_grad()
def test_the_blend_lies_between_the_two_pictures() -> None:
    torch.manual_seed(0)
    blender = AlphaBlender(AlphaBlenderConfig(width=4, downsamplings=2, blocks=1))
    first, second = torch.rand(2, 2, 3, 24, 32) * 2 - 1
    blend, alpha = blender(first, second)
    assert blend.shape == alpha.shape == (2, 3, 24, 32)
    assert 0 <= alpha.min() < alpha.max() <= 1
    assert (blend <= torch.maximum(first, second) + 1e-6).all()
    assert (blend >= torch.minimum(first, second) - 1e-6).all()
    same, _ = blender(first, first)
    assert torch.allclose(same, first, atol=1e-6)


def test_an_impossible_size_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at least 1"):
        AlphaBlenderConfig(blocks=0)
