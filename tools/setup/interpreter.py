"""uv, which installs the rest, and a Python 3.11 for it, whatever Python this machine has."""

import os
import re
import shutil
import subprocess
import sys

from tools.setup import AGAIN, OWN, CannotSetUp, step
from tools.setup.advice import explained, how_to_get_pip, how_to_get_python, is_certificate_trouble

PYTHON = "3.11"
UV_VERSION = "0.13.8"
OLDEST_UV = (0, 7)  # as pyproject.toml says


def python_version(python: str) -> str:
    """The "major.minor" of an interpreter, "" where it does not run."""
    return _said([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"])


def _said(command: "list[str]") -> str:
    """What a command prints, "" where it does not run."""
    try:
        ended = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, universal_newlines=True
        )
    except OSError:
        return ""
    return ended.stdout.strip()


# --- uv ---


def find_uv(python: str) -> str:
    """The path of uv: the one on PATH if it is new enough, else the course's own, got with `python`'s pip.

    Raises:
      CannotSetUp: there is no pip, or it failed.
    """
    found, own = shutil.which("uv"), OWN / "bin" / "uv"
    if found and _is_new_enough(found):
        return found
    if not own.exists():
        _get_uv(python)
    return str(own)


def _is_new_enough(uv: str) -> bool:
    version = re.match(r"uv (\d+)\.(\d+)", _said([uv, "--version"]))
    return bool(version) and tuple(map(int, version.groups())) >= OLDEST_UV


def _get_uv(python: str) -> None:
    # --target leaves the system's packages alone, so an externally managed Python (PEP 668) allows it.
    install = ["-m", "pip", "install", "--target", str(OWN), "uv==" + UV_VERSION]
    name = f"uv {UV_VERSION}, which installs the rest"
    try:
        step.run(name, [_with_pip(python), *install], _for_pip())
    except step.StepFailed as failure:
        raise CannotSetUp("pip could not install uv:\n" + explained(str(failure))) from None


def _with_pip(python: str) -> str:
    """A Python that has pip: this one, else one that it makes in `.uv/pip`.

    Raises:
      CannotSetUp: it can make none.
    """
    folder = OWN / "pip"
    made = str(folder / "bin" / "python")
    for candidate in (python, made):
        if _said([candidate, "-m", "pip", "--version"]):
            return candidate
    try:
        step.run("pip, which installs uv", [python, "-m", "venv", "--clear", str(folder)], dict(os.environ))
    except step.StepFailed:
        raise CannotSetUp(
            f"Python {python_version(python)} has no pip here, and can make no environment with one. Get it "
            f"with {how_to_get_pip()}, then {AGAIN}."
        ) from None
    return made


def _for_pip() -> "dict[str, str]":
    """The environment variables for pip, whose name for the file of trusted certificates is its own."""
    quiet = {"PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    certificates = os.environ.get("SSL_CERT_FILE")
    return {**quiet, **({"PIP_CERT": certificates} if certificates else {}), **os.environ}


def run_uv(name: str, command: "list[str]", total: int = 0) -> None:
    """Run uv as a step; where it trusts no server, once more with the certificates that the system trusts.

    Raises:
      StepFailed: it failed.
    """
    environment = {
        **os.environ,
        "UV_PYTHON_INSTALL_DIR": str(OWN / "python"),
        "UV_PYTHON_INSTALL_BIN": "0",  # nothing into ~/.local/bin
        "UV_PROJECT_ENVIRONMENT": ".venv",
    }
    environment.pop("VIRTUAL_ENV", None)
    try:
        step.run(name, command, environment, total)
    except step.StepFailed as failure:
        if not is_certificate_trouble(str(failure)):
            raise
        name = "  again, trusting whom this system trusts"
        # The second is the name before uv 0.11.
        step.run(name, command, {**environment, "UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}, total)


# --- Python 3.11 ---


def installed_python() -> "str | None":
    """The path of a Python 3.11 that is there: this one, `python3.11`, or the one that uv got."""
    own = sorted(str(python) for python in (OWN / "python").glob("cpython-3.11*/bin/python3.11"))
    candidates = [sys.executable, shutil.which("python3.11"), *own]
    return next((python for python in candidates if python and python_version(python) == PYTHON), None)


def find_python(uv: str) -> str:
    """The path of a Python 3.11; where there is none, uv gets one into `.uv`.

    Raises:
      CannotSetUp: uv could not; the message has this system's own way.
    """
    python = installed_python()
    if python:
        return python
    here = python_version(sys.executable)
    print(f"TensorFlow Federated 0.87 needs Python {PYTHON}; this is {here}, so uv gets a {PYTHON} as well.")
    try:
        run_uv(f"Python {PYTHON}, into .uv (30 MB)", [uv, "python", "install", "--no-progress", PYTHON])
    except step.StepFailed as failure:
        raise CannotSetUp(
            f"uv could not get Python {PYTHON}:\n{explained(str(failure))}\nIf other downloads work, get one "
            f"with {how_to_get_python()}. If your network has a mirror of uv's Pythons, name it: "
            "`UV_PYTHON_INSTALL_MIRROR=https://... make setup`."
        ) from None
    python = installed_python()
    if not python:
        raise CannotSetUp(
            f"The Python {PYTHON} that uv got does not run here. Get one with {how_to_get_python()}."
        )
    return python
