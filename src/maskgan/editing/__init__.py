"""The editing engine: label tools, the Editor, projects. numpy in, numpy out; no torch."""
