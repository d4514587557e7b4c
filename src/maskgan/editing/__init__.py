"""The editing engine: label tools, the Editor, undo history. numpy in, numpy out; no torch."""
