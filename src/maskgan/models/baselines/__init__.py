"""The networks that the paper compares itself with, for the same data, training and measures."""
