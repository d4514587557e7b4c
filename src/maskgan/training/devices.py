"""Where networks run: which device there is, and what it is fast at."""

from __future__ import annotations

import torch

from maskgan.training.distributed import local_rank


def pick_device() -> torch.device:
    """CUDA, then MPS, then the CPU; of several processes on a machine each has a GPU of its own."""
    if torch.cuda.is_available():
        return torch.device("cuda", local_rank())
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def fast_bf16(device: torch.device) -> tuple[bool, str]:
    """Whether bfloat16 makes a device faster, and why: GPUs do it, CPUs need their own
    instructions for it and are several times slower without."""
    if device.type != "cpu":
        return True, f"{device.type} computes in it"
    tests = (("_is_amx_tile_supported", "AMX"), ("_is_avx512_bf16_supported", "AVX-512 BF16"))
    for test, instructions in tests:
        if getattr(torch.cpu, test, lambda: False)():
            return True, f"this CPU has {instructions}"
    return False, "this CPU has neither AMX nor AVX-512 BF16, without which bfloat16 is slower"
