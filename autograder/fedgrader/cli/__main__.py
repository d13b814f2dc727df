"""`python -m fedgrader.cli`: the command without its entry point."""

import sys

from fedgrader.cli import main

sys.exit(main())
