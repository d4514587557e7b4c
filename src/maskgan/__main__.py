"""`python -m maskgan` is `maskgan`."""

from __future__ import annotations

import sys

from maskgan.cli import main

if __name__ == "__main__":
    sys.exit(main())
