"""The file of weights that the authors of the paper published -> a bundle.

`latest_net_G.pth` is a pickle, which could run programs when it is opened: only its tensors are
read, and anything else in it is refused. Which tensor is which of our network's is known to
`maskgan.models.authors`. The bundle has the weights as they are, in float32.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from maskgan.errors import CheckpointError
from maskgan.export.bundle import check_output, write_bundle
from maskgan.manifest import BundleManifest
from maskgan.models.authors import from_authors
from maskgan.models.dense_mapping import DenseMappingConfig, DenseMappingNetwork

NAME = "MaskGAN of its authors"
VERSION = "CVPR 2020"
TRAINING_DATA = "CelebAMask-HQ at 512 px, by the authors of MaskGAN (Lee et al., CVPR 2020)"
LICENCE = (
    "The generator has the authors' weights, under the authors' terms: non-commercial research and "
    "education only. Parser and detector are those of the maskgan package."
)
PREFIX = "module."
"""What PyTorch's data parallelism puts before every name."""
EXPECTED = "expected the authors' latest_net_G.pth, a PyTorch file of weights"


def import_authors(weights: str | Path, output: str | Path) -> BundleManifest:
    """Writes a bundle of the authors' published generator and of the package's own parser and
    detector.

    Graph and network are compared. The folder appears whole or not at all. Raises `CheckpointError`
    for a file that holds anything but that generator, `BundleError` for a folder that is not empty,
    and `OutputError`.
    """
    check_output(output)
    with torch.device("meta"):
        network = DenseMappingNetwork(DenseMappingConfig())
    network.load_state_dict(from_authors(read_weights(weights)), assign=True)
    return write_bundle(
        {"generator": network.eval()},
        output,
        training_data=TRAINING_DATA,
        licence=LICENCE,
        half=False,
        name=NAME,
        version=VERSION,
    )


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a state dict file by name, without a leading `module.`. Raises
    `CheckpointError` for a file that is missing, no PyTorch file, or holds anything else."""
    try:
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} does not exist; {EXPECTED}.") from error
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path} is no PyTorch file, or holds more than weights, which could run programs and "
            f"is not opened; {EXPECTED}."
        ) from error
    except Exception as error:  # torch.load raises many kinds for a file of another format
        raise CheckpointError(f"{path} cannot be read as a PyTorch file; {EXPECTED}.") from error
    if not isinstance(state, dict):
        raise CheckpointError(f"{path} holds a {type(state).__name__}; {EXPECTED} by name.")
    tensors: dict[str, Tensor] = {}
    for key, value in state.items():
        name = str(key).removeprefix(PREFIX)
        if not isinstance(value, Tensor):
            raise CheckpointError(
                f"The entry {key} of {path} is a {type(value).__name__}; {EXPECTED} by name."
            )
        if name in tensors:
            raise CheckpointError(f"{path} holds {name} with and without {PREFIX}; {EXPECTED}.")
        if not value.isfinite().all():
            raise CheckpointError(
                f"The tensor {key} of {path} holds values that are no numbers; the file is "
                "damaged. Download it again."
            )
        tensors[name] = value
    return tensors
