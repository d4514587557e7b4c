"""Processes of their own for training that is killed or harmed, forked from one that has loaded
PyTorch already: loading it takes longer than what they do."""

from __future__ import annotations

import multiprocessing

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["maskgan.training.run"])
