"""Make `.venv`, the environment everything is tested in; a repeat takes no time.

`tools/setup/` says why this is written for any Python 3.
"""

import argparse
import hashlib
import os
import platform
import shlex
import shutil
import sys
from pathlib import Path

if not __package__:  # run as a script, it has its own folder on the path, and not the course's
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.setup import AGAIN, ROOT, VENV, CannotSetUp
from tools.setup.advice import cache_folder, explained
from tools.setup.debian import find_tool, install_sandbox, install_test_tools
from tools.setup.interpreter import find_python, find_uv, python_version, run_uv
from tools.setup.step import StepFailed

__all__ = ["ROOT", "find_tool", "find_uv", "main"]

STAMP = VENV / "complete"
OLDEST_GLIBC = (2, 31)  # what TFF 0.87's only wheel is built for
# What the locked packages were when they were installed from nothing; the tests watch over the last two.
DOWNLOAD_BYTES = 1.0e9
UNPACKED_BYTES = 3.0e9
BYTECODE_BYTES = 0.3e9
SPARE_BYTES = 0.2e9


def check_platform() -> None:
    """Raises CannotSetUp where TFF 0.87 has no wheel."""
    system, machine = platform.system(), platform.machine()
    if (system, machine) != ("Linux", "x86_64"):
        raise CannotSetUp(
            f"TensorFlow Federated 0.87 runs on Linux x86_64 only; this is {system} {machine}. Work inside "
            "WSL2 on Windows, in a Linux x86_64 container on a Mac, or open a lesson in Colab, as README.md "
            "says."
        )
    libc, version = platform.libc_ver()
    if libc != "glibc" or tuple(map(int, version.split(".")[:2])) < OLDEST_GLIBC:
        raise CannotSetUp(
            "TensorFlow Federated 0.87 needs glibc 2.31 or newer, and this system has "
            f"{libc or 'another C library'} {version}. Take Debian 11, Ubuntu 20.04 or later, or open the "
            "lessons in Colab, as README.md says."
        )


def check_folder() -> None:
    """Raises CannotSetUp where the course's folder may not be written, or a disk has too little room."""
    if not os.access(str(ROOT), os.W_OK):
        raise CannotSetUp(
            f"You may not write in {ROOT}, where the course is. Make a clone in a folder of your own, and "
            "run `make setup` there."
        )
    if VENV.exists():
        return
    needed = {}
    # On one disk uv shares the files of its cache with .venv, on two it copies them.
    for folder, size in (
        (ROOT, UNPACKED_BYTES + BYTECODE_BYTES),
        (_existing(cache_folder()), UNPACKED_BYTES),
    ):
        disk = os.stat(str(folder)).st_dev
        needed.setdefault(disk, (folder, size + SPARE_BYTES))
    for folder, size in needed.values():
        free = shutil.disk_usage(str(folder)).free
        if free < size:
            raise CannotSetUp(
                f"The set-up needs {size / 1e9:.1f} GB in {folder}, and {free / 1e9:.1f} GB are left there. "
                f"Make room, then {AGAIN}."
            )


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def fingerprint() -> str:
    """What the environment depends on, as a hash: the lock, the project, and where it lies."""
    content = [(ROOT / name).read_bytes() for name in ("uv.lock", "pyproject.toml")]
    return hashlib.sha256(b"\0".join([*content, bytes(ROOT)])).hexdigest()


def is_complete() -> bool:
    """Whether the last install finished, and nothing has changed since."""
    return STAMP.exists() and STAMP.read_text() == fingerprint() and (VENV / "bin" / "python").exists()


def install() -> None:
    """Install what `uv.lock` lists; goes on where an interrupted install stopped.

    Raises:
      CannotSetUp: something is missing or failed; the message says what to do.
    """
    check_folder()
    if STAMP.exists():
        STAMP.unlink()
    disk = (UNPACKED_BYTES + BYTECODE_BYTES) / 1e9
    print(
        f"Setting up the course in .venv, once: {DOWNLOAD_BYTES / 1e9:.0f} GB to download, {disk:.1f} GB of "
        "disk, and two minutes besides the download.",
        flush=True,
    )
    uv = find_uv(sys.executable)
    sync = [uv, "sync", "--quiet", "--frozen"]
    if python_version(str(VENV / "bin" / "python")) != "3.11":  # keep a good .venv, whichever 3.11 made it
        sync += ["--python", find_python(uv)]
    try:
        run_uv("TensorFlow, TFF and what they need", sync, int(UNPACKED_BYTES))
        # Without compiled bytecode the first import of TFF takes 12 s instead of 3.
        run_uv(
            "Compiling them, so that they start faster", [*sync, "--compile-bytecode"], int(BYTECODE_BYTES)
        )
    except StepFailed as failure:
        raise CannotSetUp("The install did not finish:\n" + explained(str(failure))) from None
    STAMP.write_text(fingerprint())


def next_words() -> str:
    """What to type now, in the user's shell and from any folder."""
    shell = Path(os.environ.get("SHELL", "sh")).name
    ending = {"fish": ".fish", "csh": ".csh", "tcsh": ".csh"}.get(shell, "")
    source = "." if shell in ("sh", "dash") else "source"
    return (
        "All is installed. Type this now, the first line also in every new terminal:\n"
        f"  {source} {shlex.quote(str(VENV / 'bin' / 'activate'))}{ending}\n"
        "  fedcourse lab"
    )


def main() -> int:
    """Set up, with `--test` for running the tests too; the exit code."""
    parser = argparse.ArgumentParser(description="Make .venv, the environment everything is tested in.")
    parser.add_argument("--test", action="store_true", help="also install what only the tests need")
    parser.add_argument("--next", action="store_true", help="say at the end what to type next")
    arguments = parser.parse_args()
    try:
        if not is_complete():
            check_platform()
            install()
            install_sandbox()
        if arguments.test:
            install_test_tools()
    except CannotSetUp as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nInterrupted. To go on, {AGAIN}: what is downloaded is kept.", file=sys.stderr)
        return 130
    if arguments.next:
        print(next_words())
    return 0


if __name__ == "__main__":
    sys.exit(main())
