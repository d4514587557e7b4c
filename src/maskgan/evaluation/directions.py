"""Attribute directions in the codes of a MaskVAE: labels of a smile without anybody's smile.

The direction of an attribute is the mean code of faces that have it minus that of faces that have
it not, of the training split. Along it a face's labels change everywhere a little, since a MaskVAE
gives no map back exactly; taken from the decoded map are only the parts in which the attribute
shows, laid on the own ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from maskgan import images
from maskgan.data.folder import FaceFolder
from maskgan.errors import DatasetError
from maskgan.evaluation.tasks import LEAST_DONORS, SHOWN_IN, Direction, with_parts
from maskgan.labels import Labels, exchange_sides, sides_exchanged
from maskgan.models.mask_vae import MaskVae

STRENGTH = 2.0
"""Multiples of the direction: a mean smile added to a neutral face is half a smile."""


def directions(vae: MaskVae, sources: Sequence[str | Path]) -> dict[str, Direction]:
    """Attribute that lives in shape -> its direction, of those that the train split of the dataset
    folders knows. Raises `DatasetError` when it knows none."""
    codes: dict[str, tuple[list[Tensor], list[Tensor]]] = {}
    for source in sources:
        folder = FaceFolder(source)
        known, splits, labelled = folder.attributes(), folder.splits(), folder.labelled
        for stem in sorted(labelled):
            if splits.get(stem) != "train" or stem not in known:
                continue
            labels = folder.labels(stem)
            labels = exchange_sides(labels) if sides_exchanged(labels) else labels
            code = _encode(vae, labels)
            for name in SHOWN_IN:
                if known[stem].get(name) in (0, 1):
                    codes.setdefault(name, ([], []))[known[stem][name]].append(code)
    found: dict[str, Direction] = {}
    for name, (without, having) in codes.items():
        if min(len(without), len(having)) >= LEAST_DONORS:
            step = torch.stack(having).mean(0) - torch.stack(without).mean(0)
            found[name] = _along(vae, name, step)
    if not found:
        raise DatasetError(
            "No labelled face of the train split has an attribute that lives in shape "
            f"({', '.join(SHOWN_IN)}); a MaskVAE's directions need {LEAST_DONORS} faces with it "
            "and as many without."
        )
    return found


def _along(vae: MaskVae, name: str, step: Tensor) -> Direction:
    def moved(labels: Labels) -> Labels:
        with torch.inference_mode():
            logits = vae.decode((_encode(vae, labels) + STRENGTH * step)[None])
        decoded = logits[0].argmax(0).numpy().astype(np.uint8)
        decoded = images.resize_labels(decoded, labels.shape)
        return with_parts(labels, decoded, SHOWN_IN[name])

    return moved


@torch.inference_mode()
def _encode(vae: MaskVae, labels: Labels) -> Tensor:
    """Mean code (N,) of labels uint8 (H, H)."""
    side = vae.config.size
    small = images.resize_labels(labels, (side, side))
    return vae.encode(torch.from_numpy(small[None].copy()))[0][0]
