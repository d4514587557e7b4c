"""Steps, the one loop, EMA, checkpoints."""
