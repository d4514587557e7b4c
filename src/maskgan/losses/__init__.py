"""Losses as short pure functions."""
