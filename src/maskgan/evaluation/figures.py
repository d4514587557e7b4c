"""Figures of a task from the verdicts on its pictures, with intervals over the faces.

A figure is {"value", "low", "high"}: the 95 % interval of 1,000 draws of the pictures with
replacement, seeded. With one seed all systems' pictures of one task are drawn alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from maskgan.evaluation.confusion import (
    RESAMPLES,
    Floats,
    accuracy,
    interval,
    mean_iou,
    redrawn,
    whole,
)
from maskgan.evaluation.examiner import Verdict, dense

MEANS = (
    "psnr", "ssim", "ms_ssim", "perceptual", "error", "identity", "attribute", "attribute_donor",
    "color", "texture", "leak", "from_photo", "from_render", "psnr_outside", "spread",
)  # fmt: skip
"""Numbers of which the mean over the pictures is a figure."""
RATIOS = {
    "following": ("followed", "changed"),
    "sharpness": ("sharp_sum", "sharp_photo_sum"),
    "color_left": ("color", "color_photo"),
    "leak_share": ("leak", "color_photo"),
}
"""Figure -> sums of two numbers over the pictures, one divided by the other."""

Estimate = dict[str, float]


def figures(verdicts: Sequence[Verdict], seed: int) -> dict[str, Any]:
    """All figures that the verdicts of one task and system give, and how many pictures there are.
    A picture that lacks a number does not count for its figures."""
    matrices = [dense(verdict["counts"]) for verdict in verdicts if "counts" in verdict]
    found: dict[str, Any] = {"pictures": len(matrices) or len(verdicts)}
    if matrices:
        counts = np.stack(matrices)
        sums = redrawn(counts, seed)
        for name, figure in (("miou", mean_iou), ("accuracy", accuracy)):
            found[name] = _estimate(whole(counts, figure), figure(sums))
    weighted = [_weighted(verdict) for verdict in verdicts]
    for name, (part, total) in RATIOS.items():
        pairs = [(v[part], v[total]) for v in weighted if part in v and total in v]
        if pairs and sum(total for _, total in pairs) > 0:
            found[name] = ratio([p for p, _ in pairs], [t for _, t in pairs], seed)
    for name in MEANS:
        values = [verdict[name] for verdict in verdicts if name in verdict]
        if values:
            found[name] = ratio(values, [1.0] * len(values), seed)
    return found


def ratio(parts: Sequence[float], totals: Sequence[float], seed: int) -> Estimate:
    """Sum of the parts over the sum of the totals, an entry per picture."""
    above, below = np.asarray(parts, np.float64), np.asarray(totals, np.float64)
    count = len(above)
    draws = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), RESAMPLES)
    sums = draws @ below
    drawn = np.where(sums > 0, draws @ above / np.where(sums > 0, sums, 1), np.nan)
    return _estimate(float(above.sum() / below.sum()), drawn)


def _weighted(verdict: Verdict) -> Mapping[str, Any]:
    """Sharpness is a mean over an edit's pixels: large edits count for more."""
    weighted = dict(verdict)
    for name in ("sharp", "sharp_photo"):
        if name in verdict:
            weighted[f"{name}_sum"] = verdict[name] * verdict["changed"]
    return weighted


def _estimate(value: float, drawn: Floats) -> Estimate:
    low, high = interval(drawn)
    return {"value": round(value, 5), "low": round(low, 5), "high": round(high, 5)}
