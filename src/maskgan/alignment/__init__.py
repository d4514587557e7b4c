"""From a photo to the aligned crop of a face and back. numpy in, numpy out; no torch."""
