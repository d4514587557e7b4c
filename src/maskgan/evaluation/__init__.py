"""Measuring an editor."""
