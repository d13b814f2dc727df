"""Where the course keeps what is the learner's: progress, data they have fetched, Colab's Python."""

import os
from pathlib import Path


def home() -> Path:
    """`FEDCOURSE_HOME`, else `.fedcourse` in the home folder; `colab.py` stands alone and agrees."""
    return Path(os.environ.get("FEDCOURSE_HOME", "~/.fedcourse")).expanduser()
