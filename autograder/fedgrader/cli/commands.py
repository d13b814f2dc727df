"""What a command is."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from fedcourse.i18n import N_

PASSED, NOT_PASSED, CANNOT = 0, 1, 2  # exit codes


@dataclass(frozen=True)
class Command:
    """One command: its texts in English, marked for translation, and what it does."""

    name: str
    help: str
    example: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    when_stopped: str = N_("Stopped.")
