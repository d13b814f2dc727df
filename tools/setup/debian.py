"""Debian's packages: what isolates student code, and what only the tests need."""

import os
import shutil
import subprocess
from pathlib import Path

from tools.setup import AGAIN, CannotSetUp
from tools.setup.advice import explained
from tools.setup.step import StepFailed, run

TEST_TOOLS = {  # command: Debian package
    "bwrap": "bubblewrap",
    "msgfmt": "gettext",
    "chromium": "chromium",
    "initdb": "postgresql",
    "postgres": "postgresql",
}


def find_tool(command: str) -> "str | None":
    """The path of a command; Debian keeps PostgreSQL's server off PATH, in a folder for each version."""
    versions = sorted(str(folder) for folder in Path("/usr/lib/postgresql").glob("*/bin"))
    return shutil.which(command) or shutil.which(command, path=os.pathsep.join(reversed(versions)))


def is_debian_root() -> bool:
    """Whether packages are ours to install."""
    return os.geteuid() == 0 and bool(shutil.which("apt-get"))


def apt_steps(packages: "list[str]") -> "list[list[str]]":
    """The commands that install Debian packages."""
    return [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *packages]]


def apt_install(packages: "list[str]") -> bool:
    """Install Debian packages; whether that worked."""
    environment = apt_environment()
    return all(subprocess.run(step, env=environment).returncode == 0 for step in apt_steps(packages))


def apt_environment() -> "dict[str, str]":
    """Environment variables with which apt asks nothing."""
    return {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def install_sandbox() -> None:
    """Try to install what isolates student code; only grading needs it, and says so where it is missing."""
    if shutil.which("bwrap") or not is_debian_root():
        return
    command = " && ".join(" ".join(step) for step in apt_steps(["bubblewrap"]))
    try:
        run("bubblewrap, which isolates student code", ["sh", "-c", command], apt_environment())
    except StepFailed as failure:
        print(f"{explained(str(failure))} Lessons need no bubblewrap, grading does.")


def install_test_tools() -> None:
    """Install what only the tests need.

    Raises:
      CannotSetUp: it is not ours to install, or apt-get failed; the message has the command to run.
    """
    missing = sorted({package for command, package in TEST_TOOLS.items() if not find_tool(command)})
    if not missing:
        return
    apt = " && ".join("sudo " + " ".join(step) for step in apt_steps(missing))
    packages, commands = ", ".join(missing), ", ".join(TEST_TOOLS)
    advice = f"Run `{apt}`, or your system's way to the commands {commands}, then {AGAIN}."
    if not is_debian_root():
        raise CannotSetUp(f"The tests also need {packages}. {advice}")
    if not apt_install(missing):
        raise CannotSetUp(f"apt-get could not install {packages}; its message is above. {advice}")
