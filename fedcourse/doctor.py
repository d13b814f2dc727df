"""`fedcourse doctor`: can the lessons run here, and if not, what to do.

Nothing that could be missing or broken is imported here: packages are looked up by their metadata, and what
must run, runs in a child process with a deadline, so that a crash or a hang is reported and not suffered.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from fedcourse.home import NoHome, progress_file
from fedcourse.i18n import _, current_language

# Distribution: the version, or its beginning, that the lessons are written for ("" is any).
PACKAGES = {
    "tensorflow": "2.14",
    "tensorflow-federated": "0.87.0",
    "tensorflow-model-optimization": "",
    "nest-asyncio": "",
    "jupyter": "",
    "nbgrader": "0.9.6",
    "matplotlib": "",
}
OPTIONAL_COMMANDS = ("msgfmt", "chromium")
EMNIST = Path(".tff", "emnist_all.sqlite")  # below the home folder; TFF's own place
FREE_BYTES = 10**9
PROBE_SECONDS = 120  # importing TFF takes 3 s, or 12 s before Python has compiled it, or more on a slow disk
LOCKED_SECONDS = 10  # a notebook may be writing

IMPORTS = "import google.protobuf, jaxlib.xla_client"
# TFF's own program, by itself: it says, in English, what the system has against it.
WORKER = """
import subprocess, sys
from importlib.util import find_spec
from pathlib import Path
binary = Path(find_spec("tensorflow_federated").origin).parent / "data" / "worker_binary"
sys.exit(subprocess.run([binary, "--version"], stdout=subprocess.DEVNULL).returncode)
"""
ROUND = """
import sys, numpy as np, tensorflow_federated as tff
from fedcourse import runtime
runtime.start()

@tff.federated_computation(tff.FederatedType(np.float32, tff.CLIENTS))
def average(numbers):
    return tff.federated_mean(numbers)

try:
    assert average([1.0, 2.0, 6.0]) == 3.0
except runtime.WorkerNotStarted as error:
    sys.exit(f"TFF: worker_binary: {error.reason}")
"""
DATA = """
from fedcourse.data import load_handwriting
train, test = load_handwriting("bundled")
assert train.client_ids and test.client_ids
"""


@dataclass(frozen=True)
class Diagnosis:
    """What was looked at, whether it is well (None: good to know, no more), and how to mend it."""

    what: str
    well: bool | None
    mend: str = ""

    def __str__(self) -> str:
        mark = {True: "✔", False: "✘", None: "·"}[self.well]
        return f"{mark} {self.what}" + (f" → {self.mend}" if self.mend and not self.well else "")


def _install() -> str:
    return _(
        "Run `make setup`, or in an environment of your own `pip install --no-deps -r requirements.txt`."
    )


def _python() -> Diagnosis:
    mend = _("TensorFlow Federated 0.87 needs Python 3.11: `make setup` gets it.")
    return Diagnosis(f"Python {platform.python_version()}", sys.version_info[:2] == (3, 11), mend)


def _platform() -> Diagnosis:
    system, machine = platform.system(), platform.machine()
    mend = _("TensorFlow Federated 0.87 runs on Linux x86_64 only: use WSL2, a Linux container or Colab.")
    return Diagnosis(f"{system} {machine}", (system, machine) == ("Linux", "x86_64"), mend)


def _package(name: str, wanted: str) -> Diagnosis:
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Diagnosis(_("{package} is not installed.").format(package=name), False, _install())
    if f"{version}.".startswith(f"{wanted}." if wanted else ""):
        return Diagnosis(f"{name} {version}", True)
    what = _("{package} is version {version}, and the lessons need {wanted}.")
    return Diagnosis(what.format(package=name, version=version, wanted=wanted), False, _install())


def _complaint(code: str) -> str:
    """What is wrong when a fresh Python runs `code`, "" if nothing is."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "FEDCOURSE_LANG": current_language()}
    course = Path(__file__).parent.parent
    command = [sys.executable, "-W", "ignore", "-c", code]
    try:
        child = subprocess.run(
            command, cwd=course, env=environment, capture_output=True, text=True, timeout=PROBE_SECONDS
        )
    except subprocess.TimeoutExpired:
        return _("no answer within {seconds} s").format(seconds=PROBE_SECONDS)
    if child.returncode < 0:
        return _("stopped by signal {number}").format(number=-child.returncode)
    last_line = child.stderr.strip().rpartition("\n")[2]
    return "" if child.returncode == 0 else last_line or _("exit code {code}").format(code=child.returncode)


def _probe(code: str, works: str, fails: str, mend: str) -> Diagnosis:
    """`fails` has a {reason} to fill in."""
    reason = _complaint(code)
    return Diagnosis(fails.format(reason=reason), False, mend) if reason else Diagnosis(works, True)


def _probes() -> Iterator[Diagnosis]:
    yield _probe(
        IMPORTS,
        _("protobuf and jaxlib load."),
        _("protobuf or jaxlib does not load: {reason}."),
        _install(),
    )
    yield _probe(
        WORKER,
        _("TFF's worker program starts."),
        _("TFF's worker program does not start: {reason}."),
        _(
            "Its file must be whole, and on a disk from which programs may run: mend that, or delete .venv "
            "and run `make setup`."
        ),
    )
    yield _probe(
        ROUND,
        _("A federated round runs."),
        _("A federated round does not run: {reason}."),
        _("Mend what is marked above first; if nothing is, delete .venv and run `make setup`."),
    )
    yield _probe(
        DATA,
        _("The bundled handwriting data load."),
        _("The bundled handwriting data do not load: {reason}."),
        _("Mend what is marked above first; if nothing is, get a fresh copy of the course."),
    )


def _progress() -> Diagnosis:
    """Whether the learner's progress can be written; nothing of it is changed."""
    try:
        path = progress_file()
    except NoHome as error:
        return Diagnosis(str(error), False)
    try:
        _try_to_write(path)
    except (OSError, ImportError, ValueError) as error:
        what = _("Your progress in {path} cannot be read or written: {error}.")
        mend = _("Mend that, move the file away, or name another folder with FEDCOURSE_HOME.")
        return Diagnosis(what.format(path=path, error=error), False, mend)
    return Diagnosis(_("Your progress can be kept in {path}.").format(path=path), True)


def _try_to_write(path: Path) -> None:
    """Raises OSError, ImportError or ValueError where the SQLite file at `path` cannot be written."""
    import sqlite3

    if not path.exists():
        there = next(folder for folder in path.parents if folder.exists())
        tempfile.TemporaryFile(dir=there).close()
        return
    with closing(sqlite3.connect(path, timeout=LOCKED_SECONDS)) as database:
        try:
            database.execute("begin immediate")
            database.execute("create table doctor (visits integer)")  # undone, since it is never committed
            [said] = database.execute("pragma quick_check(1)").fetchone()
        except sqlite3.Error as error:
            raise ValueError(error) from None
    if said != "ok":
        raise ValueError(said)


def _kernel() -> Diagnosis:
    mend = _("Run `python -m ipykernel install --sys-prefix`, after mending what is marked above.")
    try:
        from jupyter_client.kernelspec import find_kernel_specs
    except ImportError:
        return Diagnosis(_("jupyter_client does not load, so no notebook can run."), False, mend)
    if "python3" in find_kernel_specs():
        return Diagnosis(_("Jupyter has a Python kernel."), True)
    return Diagnosis(_("Jupyter has no Python kernel."), False, mend)


def _home_folder() -> Path:
    """The home folder; for a user that the system does not know, as in some containers, the current one."""
    try:
        return Path.home()
    except RuntimeError:
        return Path.cwd()


def _disk() -> Diagnosis:
    free = shutil.disk_usage(_home_folder()).free
    what = _("{size:.1f} GB are free in your home folder.").format(size=free / 1e9)
    return Diagnosis(what, free >= FREE_BYTES, _("The lessons need 1 GB: make room."))


def _emnist() -> Diagnosis:
    if (_home_folder() / EMNIST).exists():
        return Diagnosis(_("EMNIST is downloaded."), True)
    what = _("EMNIST is not downloaded; the lessons use their bundled data, or fetch it when asked.")
    return Diagnosis(what, None)


def _optional(command: str) -> Diagnosis:
    if shutil.which(command):
        return Diagnosis(_("{command} is there.").format(command=command), True)
    return Diagnosis(_("{command} is not there; only authors need it.").format(command=command), None)


def diagnose() -> Iterator[Diagnosis]:
    """One finding after the other, as they are made; takes about ten seconds."""
    yield _python()
    yield _platform()
    for name, wanted in PACKAGES.items():
        yield _package(name, wanted)
    yield from _probes()
    yield _progress()
    yield _kernel()
    yield _disk()
    yield _emnist()
    for command in OPTIONAL_COMMANDS:
        yield _optional(command)


def run() -> int:
    """Print the diagnosis; the exit code is 0 when the lessons can run, else 1."""
    ready = True
    for finding in diagnose():
        print(finding, flush=True)
        ready = ready and finding.well is not False
    if ready:
        print(_("All is well: the lessons can run."))
    else:
        print(_("Not yet: mend what is marked ✘, then run `fedcourse doctor` again."))
    return 0 if ready else 1
