"""What makes `.venv`. Any Python 3.6 or newer can read it, and it needs the standard library only.

That is why its messages are in English alone and its newer type hints are quoted: it runs before there are
catalogs, and the wrong Python must be able to say which is right.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
OWN = ROOT / ".uv"  # uv and the Python that it may get; `make clean` removes it
AGAIN = "run the same command again"


class CannotSetUp(Exception):
    """The set-up cannot go on; the message says why and what to do."""
