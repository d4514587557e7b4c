"""One edit for each of many photos: a manifest in, a folder of results out."""
