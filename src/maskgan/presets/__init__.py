"""Named complete runs, as Python functions. The command line takes a name and a few overrides."""

from __future__ import annotations

from collections.abc import Callable

from maskgan.presets import ours, paper
from maskgan.training.detector_task import DetectorRun
from maskgan.training.mask_vae_task import MaskVaeRun
from maskgan.training.parser_task import AnyParserRun
from maskgan.training.regional_task import RegionalRun

Run = AnyParserRun | RegionalRun | DetectorRun | MaskVaeRun

PRESETS: dict[str, Callable[[], Run]] = {
    "parser": ours.parser,
    "parser-64": ours.parser_64,
    "parser-vgg": ours.parser_vgg,
    "judge-64": ours.judge_64,
    "judge-128": ours.judge_128,
    "judge-256": ours.judge_256,
    "regional": ours.regional,
    "regional-64": ours.regional_64,
    "detector": ours.detector,
    "detector-64": ours.detector_64,
    "mask-vae": ours.mask_vae,
    "paper-512-maskvae": paper.paper_512_mask_vae,
    "paper-256-maskvae": paper.paper_256_mask_vae,
    "paper-64-maskvae": paper.paper_64_mask_vae,
}
