"""Processes of their own for training that is killed or harmed, forked from one that has loaded
PyTorch already: loading it takes longer than what they do."""

from __future__ import annotations

import multiprocessing

CONTEXT = multiprocessing.get_context("forkserver")
# The latter two are loaded by the first optimiser and the last checkpoint of a run.
CONTEXT.set_forkserver_preload(["maskgan.training.run", "torch._dynamo", "matplotlib.figure"])
