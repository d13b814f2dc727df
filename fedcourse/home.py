"""Where the course keeps what is the learner's: progress, data they have fetched, Colab's Python."""

import os
from pathlib import Path

from fedcourse.i18n import _


class NoHome(OSError):
    """The folder cannot be told; the message says what to do."""


def home() -> Path:
    """`FEDCOURSE_HOME`, else `.fedcourse` in the home folder; `colab.py` stands alone and agrees.

    Raises:
      NoHome: it begins with `~`, and the system knows no such home folder.
    """
    named = os.environ.get("FEDCOURSE_HOME") or "~/.fedcourse"
    try:
        return Path(named).expanduser()
    except RuntimeError:
        text = _(
            "The system does not know the home folder in {named}. Name a folder in full, for example "
            "FEDCOURSE_HOME=/srv/fedcourse."
        )
        raise NoHome(text.format(named=named)) from None


def progress_file() -> Path:
    """The file with all checks, guesses and hints; raises NoHome."""
    return home() / "progress.sqlite"
