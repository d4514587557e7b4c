"""Presets are complete runs; their names and options are a contract."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from maskgan import config as configs
from maskgan.models.attribute_classifier import AttributeClassifier
from maskgan.models.baselines.pix2pixhd import Pix2PixHdGenerator
from maskgan.models.baselines.spade import SpadeGenerator
from maskgan.models.baselines.stargan import StarGanDiscriminator, StarGanGenerator
from maskgan.models.blender import AlphaBlender
from maskgan.models.dense_mapping import DenseMappingNetwork
from maskgan.models.discriminator import MultiScaleDiscriminator
from maskgan.models.face_detector import FaceDetector
from maskgan.models.kinds import build, kind_of
from maskgan.models.mask_vae import MaskVae
from maskgan.models.parser import Parser
from maskgan.models.regional import RegionalGenerator, StyleEncoder
from maskgan.models.segmentation_discriminator import SegmentationDiscriminator
from maskgan.models.unet_parser import UnetParser
from maskgan.models.vgg_parser import VggParser
from maskgan.presets import PRESETS
from maskgan.training.baselines import Pix2PixHdRun, SpadeRun
from maskgan.training.classifier_task import ClassifierRun
from maskgan.training.detector_task import DetectorRun
from maskgan.training.ebst_task import EbstRun
from maskgan.training.mask_vae_task import MaskVaeRun
from maskgan.training.parser_task import ParserRun, UnetParserRun, VggParserRun
from maskgan.training.regional_run import RegionalRun
from maskgan.training.stargan_task import StarGanRun
from maskgan.training.translation_task import DenseMappingRun, TranslationRun

TRAINING = [
    "training.total_images",
    "training.batch_size",
    "training.seed",
    "training.bf16",
    "training.compile",
    "training.ema_halflife",
    "training.stats_every",
    "training.checkpoint_every",
    "training.samples_every",
    "training.gradient_limit",
    "training.loss_limit",
    "training.warmup_images",
    "training.decay_share",
    "training.start",
]
AUGMENT = [
    "augment.upright",
    "augment.rotation",
    "augment.scale",
    "augment.shift",
    "augment.light",
    "augment.grey",
    "augment.jpeg",
    "augment.blur",
    "augment.noise",
]
FLAGS = {
    "parser": [
        *TRAINING,
        "model.widths",
        "model.size",
        *AUGMENT,
        "loss.learning_rate",
        "loss.weight_decay",
        "loss.dice",
        "loss.balance",
        "loss.rare_repeats",
    ],
    "detector": [
        *TRAINING,
        "model.widths",
        "model.size",
        "model.eye_distance",
        "scenes.empty",
        "scenes.several",
        "scenes.rotation",
        "scenes.lying",
        "scenes.lying_rotation",
        "scenes.own",
        "scenes.decoys",
        "scenes.covered",
        *AUGMENT,
        "loss.learning_rate",
        "loss.weight_decay",
        "loss.points",
        "loss.spread",
    ],
    "regional": [
        *TRAINING,
        "model.widths",
        "model.style_width",
        "model.size",
        "model.detail",
        "encoder.width",
        "encoder.style_width",
        "encoder.size",
        "discriminator.widths",
        "edits.donor",
        "edits.warp",
        "edits.removed",
        "edits.strokes",
        "edits.everything",
        "edits.mask_vae",
        "edits.vae",
        "edits.dilate",
        "crops.crop",
        "crops.whole_every",
        "crops.detail_share",
        "crops.hidden_codes",
        "loss.learning_rate",
        "loss.discriminator_rate",
        "loss.pixel",
        "loss.perceptual",
        "loss.vgg",
        "loss.vgg_taps",
        "loss.following",
        "loss.parser",
        "loss.adversarial",
        "loss.fake",
        "loss.balance",
    ],
}
"""Every --section.option, per kind of run. A new one is added here on purpose or not at all."""
FLAGS["parser-vgg"] = [*FLAGS["parser"], "loss.vgg"]
FLAGS["judge"] = [*(flag for flag in FLAGS["parser"] if flag != "model.widths"), "model.width"]
FLAGS |= {f"judge-{size}": FLAGS["judge"] for size in (128, 256)}
FLAGS["classifier"] = [
    *TRAINING,
    "model.attributes",
    "model.width",
    "model.size",
    *AUGMENT,
    "loss.learning_rate",
    "loss.weight_decay",
    "loss.balance",
    "loss.smoothing",
]
FLAGS["classifier-128"] = FLAGS["classifier"]
FLAGS["mask-vae"] = [
    *TRAINING,
    "model.widths",
    "model.code",
    "model.size",
    "model.local",
    "loss.learning_rate",
    "loss.betas",
    "loss.kl",
    "loss.kl_warmup_images",
    "loss.balance",
]
FLAGS |= {f"paper-{size}-maskvae": FLAGS["mask-vae"] for size in (512, 256, 64)}
TRANSLATION = [
    *TRAINING,
    "discriminator.width",
    "discriminator.scales",
    "discriminator.spectral",
    "faces.mirror",
    "loss.learning_rate",
    "loss.discriminator_rate",
    "loss.betas",
    "loss.adversarial",
    "loss.discriminator",
    "loss.feature_matching",
    "loss.perceptual",
    "loss.vgg",
    "loss.vgg_taps",
    "loss.kl",
]
STAGE_1 = [
    *TRANSLATION,
    "model.width",
    "model.downsamplings",
    "model.blocks",
    "model.style_width",
    "model.size",
]
STAGE_2 = [
    *STAGE_1,
    "blender.width",
    "blender.downsamplings",
    "blender.blocks",
    "ebst.mask_vae",
    "ebst.divisor",
    "ebst.straight_through",
]
FLAGS |= {f"paper-{size}-stage1": STAGE_1 for size in (512, 256, 64)}
FLAGS |= {f"paper-{size}-stage2": STAGE_2 for size in (512, 256, 64)}
FLAGS["pix2pixhd"] = [
    *TRANSLATION,
    "model.width",
    "model.downsamplings",
    "model.blocks",
    "model.size",
]
FLAGS["spade"] = [
    *TRANSLATION,
    "model.width",
    "model.hidden",
    "model.code",
    "model.size",
    "model.upsamplings",
    "model.norm",
]
FLAGS["stargan"] = [
    *TRAINING,
    "model.width",
    "model.blocks",
    "model.attributes",
    "model.size",
    "discriminator.width",
    "discriminator.depth",
    "discriminator.attributes",
    "discriminator.size",
    "faces.mirror",
    "loss.learning_rate",
    "loss.discriminator_rate",
    "loss.betas",
    "loss.critic_steps",
    "loss.classification",
    "loss.reconstruction",
    "loss.penalty",
]
FLAGS |= {f"{name}-256": FLAGS[name] for name in ("pix2pixhd", "spade", "stargan")}


def flags(values: dict[str, Any], prefix: str = "") -> list[str]:
    found = []
    for name, value in values.items():
        found += flags(value, f"{prefix}{name}.") if isinstance(value, dict) else [prefix + name]
    return found


def test_the_list_of_presets() -> None:
    assert list(PRESETS) == [
        "parser",
        "parser-64",
        "parser-vgg",
        "judge-64",
        "judge-128",
        "judge-256",
        "classifier-64",
        "classifier-128",
        "regional",
        "regional-64",
        "detector",
        "detector-64",
        "mask-vae",
        "paper-512-stage1",
        "paper-512-stage2",
        "paper-512-maskvae",
        "paper-256-stage1",
        "paper-256-stage2",
        "paper-256-maskvae",
        "paper-64-stage1",
        "paper-64-stage2",
        "paper-64-maskvae",
        "pix2pixhd-256",
        "pix2pixhd-64",
        "spade-256",
        "spade-64",
        "stargan-256",
        "stargan-64",
    ]
    for preset in PRESETS.values():
        assert preset.__doc__


@pytest.mark.parametrize("name", PRESETS)
def test_the_list_of_override_flags(name: str) -> None:
    values = configs.to_dict(PRESETS[name]())
    assert sorted(flags(values)) == sorted(FLAGS[name.removesuffix("-64")])


@pytest.mark.parametrize("name", PRESETS)
def test_every_flag_can_be_given_on_the_command_line(name: str) -> None:
    config = PRESETS[name]()
    values = configs.to_dict(config)
    for flag in FLAGS[name.removesuffix("-64")]:
        section, option = flag.split(".")
        value = values[section][option]
        text = value if isinstance(value, str) else json.dumps(value)
        assert configs.override(config, {flag: text}) == config


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_survives_json(name: str) -> None:
    config = PRESETS[name]()
    assert configs.from_dict(type(config), json.loads(configs.to_json(config))) == config


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_builds_its_networks(name: str) -> None:
    config = PRESETS[name]()
    if isinstance(config, (MaskVaeRun, TranslationRun, StarGanRun)):
        return  # below, without the numbers: the paper's has too many
    size = {"64": 64, "128": 128}.get(name.rpartition("-")[2], 256)
    assert config.model.size == size
    photo = torch.zeros(1, 3, size, size)
    labels = torch.zeros(1, size, size, dtype=torch.int64)
    with torch.no_grad():
        if isinstance(config, ParserRun):
            parser = Parser(config.model).eval()
            assert parser(photo).shape == (1, 19, size // 2, size // 2)
            models: list[torch.nn.Module] = [parser]
        elif isinstance(config, UnetParserRun):
            judge = UnetParser(config.model).eval()
            assert judge(photo).shape == (1, 19, size, size)
            models = [judge]
        elif isinstance(config, ClassifierRun):
            classifier = AttributeClassifier(config.model).eval()
            assert classifier(photo).shape == (1, 1)
            models = [classifier]
        elif isinstance(config, VggParserRun):
            large = VggParser(config.model).eval()
            assert large(photo[..., :64, :64]).shape == (1, 19, 32, 32)
            models = [large]
        elif isinstance(config, DetectorRun):
            detector = FaceDetector(config.model).eval()
            scores, points = detector(photo)
            assert scores.shape == (1, size // 8, size // 8)
            assert points.shape == (1, 3, 2, size // 8, size // 8)
            models = [detector]
        else:
            generator, encoder = RegionalGenerator(config.model), StyleEncoder(config.encoder)
            side = config.encoder.size
            codes, present = encoder(photo[..., :side, :side], labels[:, :side, :side])
            crop = slice(0, config.crops.crop)
            picture = generator(
                photo[..., crop, crop],
                photo[:, :1, crop, crop],
                labels[:, crop, crop],
                codes,
                present,
            )
            assert picture.shape == (1, 3, config.crops.crop, config.crops.crop)
            SegmentationDiscriminator(config.discriminator)(picture)
            models = [generator, encoder]
    for model in models:
        rebuilt = build(kind_of(model), configs.to_dict(model.config))
        assert rebuilt.state_dict().keys() == model.state_dict().keys()


@pytest.mark.parametrize(
    ("name", "size", "millions"),
    [
        ("mask-vae", 128, 0.90),
        ("paper-512-maskvae", 512, 170.62),
        ("paper-256-maskvae", 256, 170.58),
        ("paper-64-maskvae", 64, 0.15),
    ],
)
def test_every_preset_of_mask_vae_builds_it(name: str, size: int, millions: float) -> None:
    config = PRESETS[name]()
    assert isinstance(config, MaskVaeRun)
    with torch.device("meta"):
        network = MaskVae(config.model)
        mean, _ = network.encode(torch.zeros(1, size, size, dtype=torch.uint8))
        assert network.decode(mean).shape == (1, 19, size, size)
        rebuilt = build(kind_of(network), configs.to_dict(config.model))
    assert rebuilt.state_dict().keys() == network.state_dict().keys()
    count = sum(parameter.numel() for parameter in network.parameters())
    assert round(count / 1e6, 2) == millions


def test_small_presets_need_no_file_and_little_time() -> None:
    small = ("parser-64", "regional-64", "detector-64", "paper-64-maskvae", "paper-64-stage1")
    for name in (*small, "paper-64-stage2", "pix2pixhd-64", "spade-64", "stargan-64"):
        config = PRESETS[name]()
        assert config.training.total_images <= 10_000
        if isinstance(config, (RegionalRun, TranslationRun)):
            assert config.loss.perceptual == 0


@pytest.mark.parametrize(
    ("name", "size", "generator", "discriminator", "blender"),
    [
        ("paper-512-stage1", 512, 89_702_595, 5_568_386, 0),
        ("paper-512-stage2", 512, 89_702_595, 5_568_386, 4_329_443),
        ("paper-256-stage1", 256, 89_702_595, 5_568_386, 0),
        ("paper-256-stage2", 256, 89_702_595, 5_568_386, 4_329_443),
        ("paper-64-stage1", 64, 1_283_491, 359_906, 0),
        ("paper-64-stage2", 64, 1_283_491, 359_906, 52_123),
    ],
)
def test_every_preset_of_the_paper_has_its_parameters(
    name: str, size: int, generator: int, discriminator: int, blender: int
) -> None:
    config = PRESETS[name]()
    assert isinstance(config, DenseMappingRun)
    assert config.model.size == size

    def count(network: torch.nn.Module) -> int:
        return sum(parameter.numel() for parameter in network.parameters())

    with torch.device("meta"):
        assert count(DenseMappingNetwork(config.model)) == generator
        assert count(MultiScaleDiscriminator(config.discriminator)) == discriminator
        assert isinstance(config, EbstRun) == bool(blender)
        if isinstance(config, EbstRun):
            assert count(AlphaBlender(config.blender)) == blender


@pytest.mark.parametrize(
    ("name", "size", "generator", "discriminator"),
    [
        ("pix2pixhd-256", 256, 182_562_435, 5_568_386),
        ("pix2pixhd-64", 64, 1_113_891, 359_906),
        ("spade-256", 256, 119_668_867, 5_568_386),
        ("spade-64", 64, 2_091_091, 359_906),
        ("stargan-256", 256, 8_417_984, 44_753_856),
        ("stargan-64", 64, 309_680, 700_912),
    ],
)
def test_every_preset_of_a_baseline_has_its_parameters(
    name: str, size: int, generator: int, discriminator: int
) -> None:
    config = PRESETS[name]()
    assert isinstance(config, (Pix2PixHdRun, SpadeRun, StarGanRun))
    assert config.model.size == size
    critic_of = StarGanDiscriminator if isinstance(config, StarGanRun) else MultiScaleDiscriminator
    with torch.device("meta"):
        makers = {
            Pix2PixHdRun: Pix2PixHdGenerator,
            SpadeRun: SpadeGenerator,
            StarGanRun: StarGanGenerator,
        }
        networks = makers[type(config)](config.model), critic_of(config.discriminator)
    counts = [sum(each.numel() for each in network.parameters()) for network in networks]
    assert counts == [generator, discriminator]
