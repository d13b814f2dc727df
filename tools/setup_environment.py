"""Make `.venv`, the environment everything is tested in; a repeat takes no time.

Standard library only, and readable by any Python 3, so that the wrong one can say which is right.
That is why its messages are not translated and its newer type hints are quoted.
"""

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "complete"
UV_VERSION = "0.13.8"
OLDEST_GLIBC = (2, 31)  # what TFF 0.87's only wheel is built for
DISK_BYTES = 4 * 10**9
TEST_TOOLS = {  # command: Debian package
    "bwrap": "bubblewrap",
    "msgfmt": "gettext",
    "chromium": "chromium",
    "initdb": "postgresql",
    "postgres": "postgresql",
}


def check_platform() -> None:
    """Raises SystemExit with a sentence where TFF 0.87 has no wheel."""
    system, machine = platform.system(), platform.machine()
    if (system, machine) != ("Linux", "x86_64"):
        sys.exit(
            f"TensorFlow Federated 0.87 runs on Linux x86_64 only, and this is {system} {machine}. Work "
            "inside WSL2 on Windows, in a Linux x86_64 container on a Mac, or open the lessons in Colab, as "
            "README.md says."
        )
    libc, version = platform.libc_ver()
    if libc != "glibc" or tuple(map(int, version.split(".")[:2])) < OLDEST_GLIBC:
        sys.exit(
            "TensorFlow Federated 0.87 needs glibc 2.31 or newer, and this system has "
            f"{libc or 'another C library'} {version}. Take Debian 11, Ubuntu 20.04 or later, or open the "
            "lessons in Colab, as README.md says."
        )


def python_version(python: str) -> str:
    """The "major.minor" of an interpreter, "" where it does not run."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        return subprocess.run(
            [python, "-c", ask], stdout=subprocess.PIPE, universal_newlines=True
        ).stdout.strip()
    except OSError:
        return ""


def find_python() -> str:
    """The path of a Python 3.11: this one, else `python3.11`. Raises SystemExit where there is none."""
    for python in (sys.executable, shutil.which("python3.11")):
        if python and python_version(python) == "3.11":
            return python
    sys.exit(
        f"TensorFlow Federated 0.87 needs Python 3.11, and this is {platform.python_version()}, with no "
        "working python3.11 beside it. Get it with one of `sudo apt install python3.11`, "
        "`uv python install 3.11`, `pyenv install 3.11 && pyenv local 3.11`, then run the same command again."
    )


def find_uv(python: str) -> str:
    """The path of uv: the one on PATH, else one put into `.uv` by pip. Raises SystemExit where pip fails."""
    own = ROOT / ".uv" / "bin" / "uv"
    found = shutil.which("uv") or (own.exists() and str(own))
    if found:
        return found
    # --target leaves the system's packages alone, so an externally managed Python (PEP 668) allows it.
    pip = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--root-user-action=ignore",
        "--target",
        str(ROOT / ".uv"),
        f"uv=={UV_VERSION}",
    ]
    if subprocess.run(pip).returncode:
        sys.exit(
            "pip could not install uv, which installs the rest; its message is above. Without a network, "
            "connect and try again. Without pip, run `sudo apt install python3-pip`, or install uv as "
            "https://docs.astral.sh/uv says, and try again."
        )
    return str(own)


def fingerprint() -> str:
    """What the environment depends on, as a hash: the lock, the project, and where it lies."""
    content = [(ROOT / name).read_bytes() for name in ("uv.lock", "pyproject.toml")]
    return hashlib.sha256(b"\0".join([*content, bytes(ROOT)])).hexdigest()


def is_complete() -> bool:
    """Whether the last install finished, and nothing has changed since."""
    return STAMP.exists() and STAMP.read_text() == fingerprint() and (VENV / "bin" / "python").exists()


def install() -> None:
    """Install what `uv.lock` lists; goes on where an interrupted install stopped."""
    python = find_python()
    free = shutil.disk_usage(str(ROOT)).free
    if not VENV.exists() and free < DISK_BYTES:
        sys.exit(
            f"The environment needs about 4 GB, and {ROOT} has {free / 1e9:.1f} GB left. Make room, then run "
            "the same command again."
        )
    if STAMP.exists():
        STAMP.unlink()
    print("Installing TensorFlow Federated and the rest into .venv, about 3 GB, once.", flush=True)
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(VENV)}
    environment.pop("VIRTUAL_ENV", None)
    # Without compiled bytecode the first import of TFF takes 12 s instead of 3.
    sync = [find_uv(python), "sync", "--frozen", "--compile-bytecode"]
    if python_version(str(VENV / "bin" / "python")) != "3.11":  # keep a good .venv, whichever 3.11 made it
        sync += ["--python", python]
    if subprocess.run(sync, cwd=str(ROOT), env=environment).returncode:
        sys.exit(
            "The install did not finish; uv's message above says why. Most often the network was away or the "
            "disk (4 GB) was full. Run the same command again: what is downloaded is kept."
        )
    STAMP.write_text(fingerprint())


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
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return all(subprocess.run(step, env=environment).returncode == 0 for step in apt_steps(packages))


def install_sandbox() -> None:
    """Try to install what isolates student code; only grading needs it, and says so where it is missing."""
    if not shutil.which("bwrap") and is_debian_root():
        apt_install(["bubblewrap"])


def install_test_tools() -> None:
    """Install what only the tests need; raises SystemExit with the command to run where it is not ours to."""
    missing = sorted({package for command, package in TEST_TOOLS.items() if not find_tool(command)})
    if not missing:
        return
    advice = "Run `{}`, or your system's way to the commands {}, then try again.".format(
        " && ".join("sudo " + " ".join(step) for step in apt_steps(missing)), ", ".join(TEST_TOOLS)
    )
    if not is_debian_root():
        sys.exit("The tests also need {}. {}".format(", ".join(missing), advice))
    if not apt_install(missing):
        sys.exit("apt-get could not install {}; its message is above. {}".format(", ".join(missing), advice))


def main() -> None:
    """Set up, with `--test` for running the tests too."""
    parser = argparse.ArgumentParser(description="Make .venv, the environment everything is tested in.")
    parser.add_argument("--test", action="store_true", help="also install what only the tests need")
    arguments = parser.parse_args()
    if not is_complete():
        check_platform()
        install()
        install_sandbox()
    if arguments.test:
        install_test_tools()


if __name__ == "__main__":
    main()
