"""The networks: the paper's and ours."""
