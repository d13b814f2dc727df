"""What a command is, and what several of them share."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fedcourse.i18n import N_, _
from fedgrader.course import Named, load_course

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


def tell(message: str) -> None:
    """Say something beside the command's result, which a program may read from stdout."""
    print(message, file=sys.stderr, flush=True)


def named(name: str | None) -> Named | None:
    """What the learner or instructor calls `name`; None where they name nothing. Raises UnknownName."""
    return None if name is None else load_course().find(name)


def folder_argument(parser: argparse.ArgumentParser) -> None:
    """`--folder`, where the learner's notebooks are."""
    words = _(
        "the folder of your notebooks; else FEDCOURSE_WORK, else `my` in the clone, or without a clone in "
        "the current folder or one above it"
    )
    parser.add_argument("--folder", metavar="DIR", type=Path, help=words)
