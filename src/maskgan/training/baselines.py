"""Training the paper's baselines that draw faces from labels, with the data, the loop and the
measures of MaskGAN's first stage; only networks and losses are their own.

*MaskGAN* (Lee et al., CVPR 2020), Section 4: Pix2PixHD-m and SPADE.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

from maskgan.data.dataset import FaceMaskDataset
from maskgan.models.baselines.pix2pixhd import Pix2PixHdConfig, Pix2PixHdGenerator
from maskgan.models.baselines.spade import SpadeConfig, SpadeGenerator
from maskgan.training.translation_task import TranslationRun, TranslationTask


@dataclass(frozen=True, kw_only=True)
class Pix2PixHdRun(TranslationRun):
    """A complete run of Pix2PixHD-m."""

    model: Pix2PixHdConfig = field(default_factory=Pix2PixHdConfig)


@dataclass(frozen=True, kw_only=True)
class SpadeRun(TranslationRun):
    """A complete run of SPADE and its style encoder."""

    model: SpadeConfig = field(default_factory=SpadeConfig)


def baseline_task(
    run: Pix2PixHdRun | SpadeRun, train: FaceMaskDataset, val: FaceMaskDataset, device: torch.device
) -> TranslationTask:
    """The task of such a run."""
    torch.manual_seed(run.training.seed)
    if isinstance(run, SpadeRun):
        return TranslationTask(run, SpadeGenerator(run.model), train, val, device)
    return TranslationTask(run, Pix2PixHdGenerator(run.model), train, val, device)
