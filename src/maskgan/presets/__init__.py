"""Named complete runs, as Python functions. The command line takes a name and a few overrides."""

from __future__ import annotations

from collections.abc import Callable

from maskgan.presets import baselines, ours, paper
from maskgan.training.baselines import Pix2PixHdRun, SpadeRun
from maskgan.training.classifier_task import ClassifierRun
from maskgan.training.detector_task import DetectorRun
from maskgan.training.mask_vae_task import MaskVaeRun
from maskgan.training.parser_task import AnyParserRun
from maskgan.training.regional_run import RegionalRun
from maskgan.training.stargan_task import StarGanRun
from maskgan.training.translation_task import DenseMappingRun

Run = (
    AnyParserRun
    | RegionalRun
    | DetectorRun
    | ClassifierRun
    | MaskVaeRun
    | DenseMappingRun
    | Pix2PixHdRun
    | SpadeRun
    | StarGanRun
)

PRESETS: dict[str, Callable[[], Run]] = {
    "parser": ours.parser,
    "parser-64": ours.parser_64,
    "parser-vgg": ours.parser_vgg,
    "judge-64": ours.judge_64,
    "judge-128": ours.judge_128,
    "judge-256": ours.judge_256,
    "classifier-64": ours.classifier_64,
    "classifier-128": ours.classifier_128,
    "regional": ours.regional,
    "regional-64": ours.regional_64,
    "detector": ours.detector,
    "detector-64": ours.detector_64,
    "mask-vae": ours.mask_vae,
    "paper-512-stage1": paper.paper_512_stage1,
    "paper-512-stage2": paper.paper_512_stage2,
    "paper-512-maskvae": paper.paper_512_mask_vae,
    "paper-256-stage1": paper.paper_256_stage1,
    "paper-256-stage2": paper.paper_256_stage2,
    "paper-256-maskvae": paper.paper_256_mask_vae,
    "paper-64-stage1": paper.paper_64_stage1,
    "paper-64-stage2": paper.paper_64_stage2,
    "paper-64-maskvae": paper.paper_64_mask_vae,
    "pix2pixhd-256": baselines.pix2pixhd_256,
    "pix2pixhd-64": baselines.pix2pixhd_64,
    "spade-256": baselines.spade_256,
    "spade-64": baselines.spade_64,
    "stargan-256": baselines.stargan_256,
    "stargan-64": baselines.stargan_64,
}
