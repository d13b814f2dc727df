"""Which version of the course this is."""

import tomllib
from importlib import metadata

from fedgrader.course import ROOT


def version() -> str:
    """The installed version; in a clone that is not installed, what `pyproject.toml` falls back on."""
    try:
        return metadata.version("fedcourse")
    except metadata.PackageNotFoundError:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        return project["tool"]["hatch"]["version"]["fallback-version"]
