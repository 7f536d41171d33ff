"""Run the command line as ``python -m kgsynth``."""

from __future__ import annotations

import sys

from kgsynth.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
