"""Where the course's own files are: in a clone of the repository, or in what pip has installed."""

from importlib.resources import files
from pathlib import Path

_PACKAGE = Path(str(files("fedgrader")))
_INSTALLED = _PACKAGE / "files"  # made when the wheel is built

TOOLKIT = Path(str(files("fedcourse")))
GUEST = _PACKAGE / "guest"
IS_CLONE = not _INSTALLED.is_dir()
# The folder of course.toml, lessons/, solutions/, source/ and nbgrader_config.py.
ROOT = _PACKAGE.parents[1] if IS_CLONE else _INSTALLED
