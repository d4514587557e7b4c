"""Datasets: CelebAMask-HQ preparation, dataset folders and packs, augmentation, drawn faces."""
