"""Setting up from nothing, in clean Debian systems: `make heavy`; each takes minutes and 6 GB of disk."""

import json
import re
import shutil
import socket
import string
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import clean_machine
from tests.clean_debian import Debian, lacks
from tests.dockerfile import read_dockerfile
from tools.setup import ROOT

COURSE = "/home/learner/the course"
LESSON = "lesson01_federated_data"

pytestmark = [pytest.mark.heavy, pytest.mark.slow, pytest.mark.xdist_group("systems")]


@pytest.fixture(autouse=True)
def _where_it_can() -> None:
    if reason := lacks():
        pytest.skip(reason)


@pytest.fixture
def debian(request, tmp_path) -> Iterator[Debian]:
    """A clean Debian of the suite that is the parameter."""
    yield Debian(tmp_path / "debian", request.param)
    shutil.rmtree(tmp_path / "debian")


def has_learner(debian: Debian, packages: str) -> None:
    """Give it these packages, and an ordinary user with the course, who may not become root."""
    debian.run(f"apt-get update && apt-get install -y --no-install-recommends {packages}")
    debian.run("useradd --create-home --shell /bin/bash learner")
    debian.receive_course(COURSE, "learner")
    assert debian.try_to_run("sudo true", "learner", "/")[0]


def works(debian: Debian, user: str, course: str, python: str) -> None:
    """A lesson can run with this Python, one is released, and what is handed in is graded in the sandbox."""
    there = {"user": user, "folder": course, "PATH": f"{course}/.venv/bin:{debian.environment['PATH']}"}
    assert python in debian.run("readlink -f .venv/bin/python", **there)
    assert "All is well: the lessons can run." in debian.run("fedcourse doctor", **there)
    debian.run(
        f"fedcourse course /tmp/class && cd /tmp/class && nbgrader generate_assignment {LESSON}", **there
    )
    handed_in = f"/tmp/class/submitted/ana/{LESSON}"
    debian.run(f"mkdir -p {handed_in} && cp /tmp/class/release/{LESSON}/*.ipynb {handed_in}", **there)
    graded = debian.run(f"cd /tmp/class && fedcourse grade {LESSON} --workers 1 --json out.json", **there)
    assert "1 graded" in graded
    (outcome,) = json.loads((debian.root / "tmp/class/out.json").read_text())
    assert outcome["sandboxed"]


def typed(said: str) -> str:
    """What the set-up says at its end to type, as one shell command."""
    first, _, last = said.partition("All is installed.")[2].strip().partition("\n")[2].partition("\n")
    assert last.strip() == "fedcourse lab"
    return first.strip()


# --- Debian 12: Python 3.11 is there ---


@pytest.mark.parametrize("debian", ["bookworm"], indirect=True)
def test_a_clean_debian_is_set_up_by_root(debian):
    debian.run("apt-get update && apt-get install -y --no-install-recommends make python3 python3-venv")
    debian.receive_course("/srv/course", "root")
    said = debian.run("make setup", folder="/srv/course", SHELL="/bin/bash")
    lines = [line.partition(" ... ")[0] for line in said.splitlines() if " ... done " in line]
    assert [line.split()[0] for line in lines] == ["pip,", "uv", "TensorFlow,", "Compiling", "bubblewrap,"]
    assert "fedcourse" in debian.run(f"bash -c '{typed(said)} && cd / && command -v fedcourse'")
    assert {path.name for path in (debian.root / "root").iterdir()} <= {".cache", ".bashrc", ".profile"}
    works(debian, "root", "/srv/course", "/usr/bin/python3.11")


# --- Debian 13: Python is newer ---


@pytest.mark.parametrize("debian", ["trixie"], indirect=True)
def test_a_debian_with_a_newer_python_is_set_up_by_a_user(debian, tmp_path):
    has_learner(debian, "make python3 bubblewrap")
    there = {"user": "learner", "folder": COURSE}
    code, said = debian.try_to_run("make setup", **there)
    assert code and "Python 3.13 has no pip here" in said
    (command,) = clean_machine.commands_in(said.partition("Get it with")[2])
    debian.run(command.replace("sudo ", "").replace("install", "install -y --no-install-recommends"))
    code, said = debian.try_to_run("make setup", UV_PYTHON_INSTALL_MIRROR="https://127.0.0.1:9", **there)
    assert code and "uv could not get Python 3.11" in said
    its_own = clean_machine.commands_in(said.partition("get one with")[2])[0]
    packages = re.match(r"sudo apt install ([^&]+) && pyenv install 3\.11$", its_own)[1]
    debian.run(f"apt-get install --simulate {packages}")
    pythons = clean_machine.pythons(debian.root / "srv" / "pythons", relocatable=True)
    inside = {name: value.replace(str(debian.root), "") for name, value in pythons.items()}
    said = debian.run("make setup", SHELL="/bin/bash", **inside, **there)
    assert "needs Python 3.11; this is 3.13, so uv gets a 3.11 as well." in said
    assert "fedcourse" in debian.run(f"bash -c {typed(said)!r}' && command -v fedcourse'", user="learner")
    assert not (debian.root / "home/learner/.local").exists()
    works(debian, "learner", COURSE, f"{COURSE}/.uv/python/")
    said = debian.run("make demo", **there)
    assert "Setting up" not in said
    assert "cannot be isolated" not in said


# --- the container ---


class Build:
    """What `docker build` does with a Dockerfile, in a clean Debian instead of the image it names."""

    def __init__(self, debian: Debian) -> None:
        """Begin as root in the root folder."""
        self.debian = debian
        self.user, self.folder = "root", "/"
        self.variables: dict[str, str] = {"PATH": debian.environment["PATH"]}
        self.command: list[str] = []

    def follow(self, instruction: str, words: str) -> None:
        """Do what an instruction of the Dockerfile says."""
        getattr(self, f"_{instruction.lower()}")(words)

    def filled(self, words: str) -> str:
        """The words, with the values of variables in them."""
        return string.Template(words).substitute(self.variables)

    def _from(self, words: str) -> None:
        """A later stage begins where the one it names has ended, which is here."""

    def _arg(self, words: str) -> None:
        name, _, value = words.partition("=")
        self.variables.setdefault(name, value)

    def _env(self, words: str) -> None:
        self.variables |= dict(word.split("=", 1) for word in self.filled(words).split())

    def _run(self, words: str) -> None:
        self.debian.run(words, self.user, self.folder, **self.variables)

    def _user(self, words: str) -> None:
        self.user = self.filled(words)

    def _workdir(self, words: str) -> None:
        self.folder = self.filled(words)

    def _copy(self, words: str) -> None:
        owner, source, target = self.filled(words).split()
        assert (source, target) == (".", ".")
        self.debian.receive_course(self.folder, owner.removeprefix("--chown="), ROOT / ".dockerignore")

    def _expose(self, words: str) -> None:
        self.port = int(words)

    def _cmd(self, words: str) -> None:
        self.command = json.loads(words)


@pytest.mark.parametrize("debian", ["bookworm"], indirect=True)
def test_the_containers_steps_work_in_a_clean_debian(debian):
    build = Build(debian)
    for stage in read_dockerfile(ROOT / "Dockerfile").values():
        for instruction, words in stage:
            build.follow(instruction, words)
    assert (build.user, build.port) == ("learner", 8888)
    assert not (debian.root / build.folder.lstrip("/") / ".git").exists()
    _serves_jupyter(build)
    works(debian, build.user, build.folder, "/usr/bin/python3.11")


def _serves_jupyter(build: Build) -> None:
    """The container's own command answers over HTTP; on another port, since here are other servers too."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = " ".join(["exec", *build.command, f"--ServerApp.port={port}", "--IdentityProvider.token=t"])
    run = build.debian.command(command, build.user, build.folder, **build.variables)
    environment = {
        "ROOT": str(build.debian.root),
        "FOLDER": build.folder,
        "PATH": build.debian.environment["PATH"],
    }
    log = Path(f"{build.debian.root}.jupyter")
    with log.open("w") as out:
        server = subprocess.Popen(run, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            address = f"http://127.0.0.1:{port}/api/contents/en?token=t"
            listed = json.loads(_answer(address, server, log))
        finally:
            server.kill()  # unshare is deaf to SIGTERM, and takes its child along
            server.wait()
    assert "lesson01_federated_data.ipynb" in {entry["name"] for entry in listed["content"]}


def _answer(address: str, server: subprocess.Popen, log: Path) -> bytes:
    while server.poll() is None:
        try:
            with urllib.request.urlopen(address) as answer:
                return answer.read()
        except ConnectionError:
            time.sleep(0.5)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
            time.sleep(0.5)
    pytest.fail(log.read_text())
