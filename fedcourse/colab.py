"""Run a notebook's cells in a Python 3.11 beside its kernel, where that cannot hold TFF, as on Colab.

The set-up cell of a lesson downloads this file and calls `start`, which installs that Python and the course,
starts a Jupyter kernel in it, and hands it every later cell; `relay.py`, which comes with the course, brings
back what a cell prints, shows, asks and raises. Needs nothing but the standard library and IPython. Notebooks
of other releases may fetch this file too, so `start` keeps its parameters.
"""

import gettext
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.request import Request, urlopen

from IPython import get_ipython

PYTHON = "3.11"
HOME = Path(os.environ.get("FEDCOURSE_HOME", "~/.fedcourse")).expanduser()
FETCH_SECONDS = 20
POLL_SECONDS = 0.1
LAST_LINES = 6  # of a failed installer's log

# Colab sets these for its own Python; the other one must not see them.
_NOT_FOR_THE_OTHER = (
    *("PYTHONPATH", "PYTHONHOME", "MPLBACKEND"),
    *("PIP_CONSTRAINT", "UV_BUILD_CONSTRAINT", "UV_CONSTRAINT", "UV_SYSTEM_PYTHON"),
)
# Cells that stay in the notebook's own Python: those that need Colab itself, such as a mounted Drive, and
# once the other Python has ended, the set-up cell.
_ONLY_HERE, _SETUP_CELL = "google.colab", "fedcourse_colab"
_PREPARE = "from fedcourse import relayed\nrelayed.prepare(in_colab={in_colab})"
_CHECK_ROUND = "from fedcourse.doctor import ROUND\nexec(ROUND, {})"

_translation: gettext.NullTranslations = gettext.NullTranslations()
_beside: Any = None  # a `relay.Beside`


def _(message: str) -> str:
    return _translation.gettext(message)


class Stopped(Exception):
    """What went wrong and what to do, shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def start(source: str, language: str, release: str = "main") -> None:
    """Install the course beside this kernel, run the present cell there, and every later one.

    Can be called again: what is installed is not installed again, what was interrupted goes on.

    Args:
      source: the course's repository, "https://github.com/owner/name".
      language: "en", "zh", "ko" or "pt".
      release: the tag or branch that the notebook belongs to.

    Raises:
      Stopped: it cannot be installed or does not run; the message says what to do.
    """
    global _beside
    published = Published(source, release)
    _speak(published, language)
    python = install(published)
    shell, beside = get_ipython(), _relay(python).Beside(python, _environment(), _ended)
    prepare = _PREPARE.format(in_colab=_ONLY_HERE in sys.modules)
    try:
        for cell in (prepare, shell.user_ns["In"][-1], _CHECK_ROUND):
            beside.run(cell)
    except BaseException:  # an interrupt as well
        beside.close()
        raise
    _beside = beside
    if _handed_over not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(_handed_over)
        shell.events.register("post_run_cell", _show_rest)
    print(_("A first round of TFF has run. All cells below run in Python {version}.").format(version=PYTHON))
    _tell_of_newer(published)


def _handed_over(lines: list[str]) -> list[str]:
    """The cell as a call that runs it beside, unless it belongs here."""
    cell = "".join(lines)
    if not cell.strip() or _ONLY_HERE in cell or (_beside is None and _SETUP_CELL in cell):
        return lines
    return [f"__import__('sys').modules[{__name__!r}].run({cell!r})\n"]


def run(cell: str) -> Any:
    """Run `cell` in the kernel beside; its result, for the notebook to show.

    Raises:
      Stopped: that kernel has ended, now or before.
      Exception: what the cell raised, under its own name and with its own traceback.
    """
    global _beside
    if _beside is None:
        raise _ended()
    try:
        return _beside.run(cell)
    except Stopped:
        _beside.close()
        _beside = None
        raise


def _ended() -> Stopped:
    return Stopped(_("This Python has ended, perhaps for lack of memory. Run the first cell again."))


def _relay(python: Path) -> ModuleType:
    """The module `relay` of the course that is installed there, in this Python."""
    [path] = python.parents[1].glob("lib/python*/site-packages/fedcourse/relay.py")
    spec = importlib.util.spec_from_file_location("fedcourse_relay", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _show_rest(*_arguments: Any) -> None:
    if _beside:
        _beside.show_rest()


# --- fetching ---


@dataclass(frozen=True)
class Published:
    """One release of the course in its repository on GitHub."""

    source: str  # "https://github.com/owner/name"
    release: str  # a tag such as "v0.2.0", or a branch

    @property
    def archive(self) -> str:
        return f"{self.source}/archive/{self.release}.zip"

    def file(self, path: str) -> bytes:
        """What the release has at `path`; raises Stopped."""
        return _fetched(f"{self.source}/raw/{self.release}/{path}")

    @cached_property
    def commits(self) -> dict[str, str]:
        """The commit of each tag and branch by name, as `git ls-remote` gets them; {} if it is not told."""
        # GitHub tells it only to programs that call themselves git.
        address = f"{self.source}/info/refs?service=git-upload-pack"
        try:
            told = _fetched(address, agent="git/2 (fedcourse)").decode(errors="replace")
        except Stopped:
            return {}
        found = re.findall(r"([0-9a-f]{40}) refs/(?:heads|tags)/([^\s\0]+)", told)
        return {name: commit for commit, name in found}


def _fetched(address: str, agent: str = "fedcourse") -> bytes:
    """What the server answers.

    Raises:
      Stopped: nothing is there, or no server answers; the message names the address.
    """
    try:
        asking = Request(address, headers={"User-Agent": agent})
        with urlopen(asking, timeout=FETCH_SECONDS) as answer:
            return answer.read()
    except (OSError, HTTPException) as error:
        reason = _gone() if getattr(error, "code", 0) == 404 else _offline()
        raise Stopped(f"{reason}\n{address}: {error}") from None


def _gone() -> str:
    return _(
        "There is no course at this address: it has moved, or its repository is private. Ask whoever gave "
        "you this notebook where it is now."
    )


def _offline() -> str:
    return _(
        "The course could not be fetched: there is no network, or the server does not answer as it should. "
        "Connect, or wait a little, and run this cell again."
    )


def _speak(published: Published, language: str) -> None:
    """Take messages from the course's catalog; English where it cannot be had."""
    global _translation
    folder = HOME / "locale" / published.release
    catalog = Path(language, "LC_MESSAGES", "fedcourse.mo")
    if language != "en":
        with suppress(Stopped):  # without a network, an earlier one will do
            fetched = published.file(f"fedcourse/locale/{catalog}")
            (folder / catalog).parent.mkdir(parents=True, exist_ok=True)
            (folder / catalog).write_bytes(fetched)
    _translation = gettext.translation("fedcourse", folder, [language], fallback=True)


def _tell_of_newer(published: Published) -> None:
    newest = max(published.commits, key=_number, default="")
    if () < _number(published.release) < _number(newest):
        print(
            _(
                "This notebook belongs to {release} of the course, and {newest} is out. Its notebooks are at "
                "{address}"
            ).format(
                release=published.release, newest=newest, address=f"{published.source}/tree/{newest}/lessons"
            )
        )


def _number(release: str) -> tuple[int, ...]:
    """(0, 2, 0) for "v0.2.0", () for what is no release."""
    return tuple(map(int, release[1:].split("."))) if re.fullmatch(r"v\d+(\.\d+)*", release) else ()


# --- installing ---


def install(published: Published) -> Path:
    """The Python that has the course, made where it is missing, unfinished or of another release or commit.

    Raises:
      Stopped: the machine is none for TFF, or a step failed.
    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise Stopped(
            _("TensorFlow Federated needs Linux on x86-64: open this lesson in Colab, or in WSL 2.")
        )
    folder = HOME / "python"
    python, ready = folder / "bin" / "python", folder / "ready"
    installed = ready.read_text() if ready.exists() else ""
    try:
        requirements = published.file("requirements.txt")
    except Stopped:
        if installed.split("\n")[:2] == [published.source, published.release]:
            return python  # without a network, what is there will do
        raise
    commit = published.commits.get(published.release, "")
    packages = hashlib.sha256(requirements).hexdigest()
    wanted = "\n".join([published.source, published.release, commit, packages])
    if installed == wanted:
        return python
    ready.unlink(missing_ok=True)
    _say_what_happens(bool(installed))
    folder.mkdir(parents=True, exist_ok=True)
    listed = HOME / "requirements.txt"
    listed.write_bytes(requirements)
    number = sum(b"==" in line for line in requirements.splitlines())
    uv = _find_uv()
    into = [uv, "pip", "install", "--python", str(python), "--no-deps"]
    _step(f"Python {PYTHON}", [uv, "venv", "--allow-existing", "--python", PYTHON, str(folder)])
    _step(
        _("TensorFlow, TFF and the rest, {number} packages").format(number=number),
        [*into, "pip", "-r", str(listed)],  # pip for cells that say `!pip`
    )
    # The same address may have another course than last time: a branch goes on.
    again = ["--reinstall-package", "fedcourse"]
    _step(_("the course"), [*into, *again, f"fedcourse @ {published.archive}"])
    ready.write_text(wanted)
    return python


def _say_what_happens(installed: bool) -> None:
    if installed:
        print(_("The course that is installed here is another version than this notebook's: I replace it."))
        return
    here = ".".join(map(str, sys.version_info[:2]))
    print(
        _(
            "TensorFlow Federated is missing here (Python {here}). I install it with a Python {version} of "
            "its own, once, in {folder}: about 1 GB to fetch, 3 GB on disk, two to five minutes."
        ).format(here=here, version=PYTHON, folder=HOME)
    )


def _find_uv() -> str:
    if found := shutil.which("uv"):
        return found
    folder = HOME / "uv"
    _step("uv", [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), "uv"])
    return str(folder / "bin" / "uv")


def _step(name: str, command: list[str]) -> None:
    """Run an installer's command and show for how long it has been at it.

    Raises:
      Stopped: the command failed; the message ends with the last lines that it wrote.
    """
    begin = time.monotonic()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=_environment()
        )
        try:
            while process.poll() is None:
                print(f"\r{name}: {time.monotonic() - begin:.0f} s", end="", flush=True)
                time.sleep(POLL_SECONDS if time.monotonic() < begin + 1 else 1)
        finally:  # an interrupt as well
            process.kill()
            process.wait()
            print(f"\r{name}: {time.monotonic() - begin:.0f} s", flush=True)
        if process.returncode:
            log.seek(0)
            said = log.read().decode(errors="replace").strip().splitlines()[-LAST_LINES:]
            raise Stopped(
                _(
                    "The installation stopped here: {step}. Run this cell again: it goes on where it was. "
                    "The last lines were:"
                ).format(step=name)
                + "\n"
                + "\n".join(said)
            )


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in _NOT_FOR_THE_OTHER}
