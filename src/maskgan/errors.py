"""Everything that can go wrong for a user, as one tree.

    MaskganError
    +-- PhotoError        a photo cannot be read or used
    +-- LabelsError       a label map cannot be read or used
    +-- DatasetError      a dataset folder, pack or original tree is not as it must be
    +-- BundleError       a bundle is missing, damaged or of another format
    +-- ConfigError       an option has an unknown name or an impossible value
    +-- CheckpointError   a model or training state cannot be read or does not fit
    +-- TrainingError     a run cannot start or had to stop
    +-- ProjectError      a project file cannot be read
    +-- ServerError       a server cannot start, cannot be reached, or refuses a request
    +-- OutputError       a result cannot be written
    +-- MissingExtraError an optional dependency is not installed

Every message is a sentence for the user: what was found, what was expected, what to do. The
command line prints it and exits with code 2. Mistakes of programmers raise the usual built-ins.
"""

from __future__ import annotations


class MaskganError(Exception):
    """Base class: catch this to catch everything the package reports to its users."""


class PhotoError(MaskganError):
    """A photo cannot be read or used."""


class LabelsError(MaskganError):
    """A label map cannot be read or used."""


class DatasetError(MaskganError):
    """A dataset folder, pack or original CelebAMask-HQ tree is not as it must be."""


class BundleError(MaskganError):
    """A bundle is missing, damaged or of another format."""


class ConfigError(MaskganError, ValueError):
    """An option has an unknown name or an impossible value."""


class CheckpointError(MaskganError):
    """A model file or training state cannot be read or does not fit."""


class TrainingError(MaskganError):
    """A training run cannot start or had to stop."""


class ProjectError(MaskganError):
    """A project file is damaged, of another format, or not a project."""


class ServerError(MaskganError):
    """A server cannot start, cannot be reached, or refuses a request; then `status` and `slug` are
    those of the problem it answered with."""

    def __init__(self, message: str, *, status: int | None = None, slug: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.slug = slug


class OutputError(MaskganError):
    """A result cannot be written."""


class MissingExtraError(MaskganError, ImportError):
    """An optional dependency is not installed; the message names the extra that brings it."""
