"""torch -> bundle, with a parity check."""
