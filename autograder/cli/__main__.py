"""`python -m autograder.cli`: the command without its entry point."""

import sys

from autograder.cli import main

sys.exit(main())
