"""For the tests of Colab: a server like GitHub, kernels without TFF, notebooks driven as by a browser.

Tests import it before pytest loads its fixtures: PYTEST_DONT_REWRITE.
"""

import io
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.kernelspec import KernelSpecManager
from processes import PATIENCE

from fedgrader.course import ROOT, load_course
from tools.header import repository_address
from tools.setup_environment import find_uv

# As Colab had it in 2025, and as it is on PyPI today; Colab's Python is newer than the lessons' own.
COLAB = ("3.12", "ipykernel==6.17.1", "jupyter_client==7.4.9", "ipython==7.34.0", "tornado<6.5")
NEWEST = ("3.13", "ipykernel")
PYTHONS = ("3.13", "3.12", "3.11")


# --- a server like GitHub ---


@dataclass
class Site:
    """Serves the working tree as each of the repository's tags and branches.

    `answer` is how it answers: "well"; "404", "500"; "silence" until the test ends; "hang up" at once, as if
    there were no network; "cut" in the middle.
    """

    repository: Path  # a real one, for its tags and branches
    address: str = ""
    answer: str = "well"
    fails: str = ""  # only paths that contain this fail
    asked: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def git(self, *arguments: str) -> bytes:
        author = ("-c", "user.name=A", "-c", "user.email=a@b.example")
        return subprocess.run(
            ["git", *author, *arguments], cwd=self.repository, capture_output=True, check=True
        ).stdout

    def commit(self) -> str:
        """The branch goes on by one; returns the commit."""
        self.git("commit", "--quiet", "--allow-empty", "-m", "More")
        return self.git("rev-parse", "HEAD").decode().strip()

    def tag(self, name: str) -> None:
        self.git("tag", "-a", "-m", name, name)

    def page(self, path: str, agent: str) -> bytes | None:
        """What is at `path` below the repository's address, None if nothing is."""
        kind, _, rest = path.partition("/")
        if path == "info/refs?service=git-upload-pack" and agent.startswith("git/"):
            told = self.git("upload-pack", "--stateless-rpc", "--http-backend-info-refs", ".")
            return b"001e# service=git-upload-pack\n0000" + told
        if kind == "raw":
            release, _, name = rest.partition("/")
            return self._file(name) if self.commit_of(release) and (ROOT / name).is_file() else None
        if kind == "archive" and self.commit_of(rest.removesuffix(".zip")):
            return self._archive(rest.removesuffix(".zip"))
        return None

    def commit_of(self, release: str) -> str:
        """The hash, "" where there is no such tag or branch."""
        with suppress(subprocess.CalledProcessError):
            return self.git("rev-parse", "--verify", f"{release}^{{commit}}").decode().strip()
        return ""

    def _file(self, name: str) -> bytes:
        content = (ROOT / name).read_bytes()
        if name == "fedcourse/colab.py":
            assert b"FETCH_SECONDS = 20\n" in content
            return content.replace(b"FETCH_SECONDS = 20\n", b"FETCH_SECONDS = %d\n" % PATIENCE)
        return content

    def _archive(self, release: str) -> bytes:
        """The working tree, with a module that says which release and commit it is."""
        made = io.BytesIO()
        which = f"RELEASE, COMMIT = {release!r}, {self.commit_of(release)!r}\n"
        with zipfile.ZipFile(made, "w") as archive:
            for name in self._names():
                archive.write(ROOT / name, f"fedcourse-{release}/{name}")
            archive.writestr(f"fedcourse-{release}/fedcourse/which.py", which)
        return made.getvalue()

    @staticmethod
    def _names() -> list[str]:
        listing = ["git", "ls-files", "-co", "--exclude-standard"]
        listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
        return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


class Answers(BaseHTTPRequestHandler):
    """Answers for a `Site`."""

    def __init__(self, *arguments, site: Site):
        self.site = site
        super().__init__(*arguments)

    def do_GET(self):
        path = self.path.removeprefix("/owner/name/")
        self.site.asked.append(path)
        answer = self.site.answer if self.site.fails in path else "well"
        page = None if answer == "404" else self.site.page(path, self.headers["User-Agent"])
        if answer == "hang up":
            return
        if answer == "silence":
            self.site.over.wait()
            return
        code = 500 if answer == "500" else 404 if page is None else 200
        body = b"no such page" if page is None else page
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if answer == "cut" else body)

    def log_message(self, *_arguments):
        pass


@pytest.fixture(scope="session")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("repository"))
    site.git("init", "--quiet", "--initial-branch=main")
    site.commit()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Answers, site=site)) as server:
        server.daemon_threads = True
        site.address = f"http://127.0.0.1:{server.server_port}/owner/name"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield site
        site.over.set()
        server.shutdown()


@pytest.fixture
def site(_site: Site) -> Iterator[Site]:
    """The server, answering well, without tags."""
    yield _site
    _site.answer, _site.fails = "well", ""
    _site.asked.clear()
    for tag in _site.git("tag").decode().split():
        _site.git("tag", "--delete", tag)


# --- kernels without TFF ---


def python_like(version: str) -> str:
    """A Python of that version, else the newest on this machine."""
    pyenv = Path.home() / ".pyenv" / "versions"
    for wanted in (version, *PYTHONS):
        found = [*pyenv.glob(f"{wanted}.*/bin/python"), shutil.which(f"python{wanted}")]
        if works := next((str(python) for python in found if python and runs(str(python))), ""):
            return works
    return sys.executable


def runs(python: str) -> bool:
    return subprocess.run([python, "-c", "import ssl, sqlite3"], capture_output=True).returncode == 0


@pytest.fixture(scope="session")
def outer(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[str, ...]], KernelManager]:
    """Makes managers of kernels in a Python like Colab's, or in the newest, without TFF."""
    folders: dict[tuple[str, ...], Path] = {}

    def make(packages: tuple[str, ...]) -> KernelManager:
        if packages not in folders:
            folders[packages] = with_kernel(tmp_path_factory.mktemp("outer"), *packages)
        specs = KernelSpecManager(kernel_dirs=[str(folders[packages])], ensure_native_kernel=False)
        return KernelManager(kernel_name="outer", kernel_spec_manager=specs)

    return make


def with_kernel(folder: Path, version: str, *packages: str) -> Path:
    uv, python, spec = find_uv(sys.executable), folder / "python", folder / "kernels" / "outer"
    subprocess.run([uv, "venv", "--quiet", "--seed", "--python", python_like(version), python], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *packages], check=True)
    spec.mkdir(parents=True)
    argv = [f"{python}/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "outer", "language": "python"})
    )
    return spec.parent


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the course installs itself; these tests share it, since it takes a while."""
    return tmp_path_factory.mktemp("home")


def misleading_environment(home: Path) -> dict[str, str]:
    """Colab sets these for its own Python; ours must not be led astray by them."""
    constraints = home / "constraints.txt"
    constraints.write_text("numpy>=2\n")
    return os.environ | {
        "PYTHONPATH": "/env/python",
        "MPLBACKEND": "module://ipykernel.pylab.backend_inline",
        "PIP_CONSTRAINT": str(constraints),
        "UV_BUILD_CONSTRAINT": str(constraints),
        "UV_CONSTRAINT": str(constraints),
        "UV_SYSTEM_PYTHON": "true",
        "FEDCOURSE_HOME": str(home),
    }


# --- notebooks ---


@dataclass
class Session:
    """A notebook in an outer kernel, driven message by message, as a browser does it."""

    manager: KernelManager
    client: BlockingKernelClient = field(init=False)

    def __post_init__(self):
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def run(self, cell: str, answer: str = "", interrupt_at: str = "") -> list[dict]:
        """What the notebook would show, in order; at the words `interrupt_at` the stop button is pressed."""
        # Not stopping on errors: for a moment after one, a kernel drops what it is sent.
        request = self.client.execute(cell, allow_stdin=True, stop_on_error=False)
        shown, asked = [], not answer
        while True:
            with suppress(queue.Empty):
                message = self.client.get_iopub_msg(timeout=0.2)
                if message["parent_header"].get("msg_id") == request:
                    if message["content"].get("execution_state") == "idle":
                        return shown
                    if message["msg_type"] not in ("status", "execute_input"):
                        shown.append(message | {"type": message["msg_type"]})
                    if interrupt_at and interrupt_at in message["content"].get("text", ""):
                        interrupt_at = ""
                        self.manager.interrupt_kernel()
            if not asked:
                with suppress(queue.Empty):
                    assert self.client.get_stdin_msg(timeout=0)["content"]["prompt"] == "name? "
                    self.client.input(answer)
                    asked = True

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def session(outer, home: Path, tmp_path: Path) -> Iterator[Callable[..., Session]]:
    """Opens notebooks in an empty folder."""
    opened = []

    def begin(packages: tuple[str, ...] = NEWEST, home: Path = home, **environment: str) -> Session:
        opened.append(begun(outer(packages), tmp_path, home, **environment))
        return opened[-1]

    yield begin
    for one in opened:
        one.close()


@pytest.fixture(scope="module")
def running(_site: Site, outer, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A notebook whose first cell has run, for tests that leave it as it is."""
    notebook = begun(outer(NEWEST), tmp_path_factory.mktemp("running"), home)
    yield ready(notebook, _site)
    notebook.close()


def begun(manager: KernelManager, folder: Path, home: Path, **environment: str) -> Session:
    manager.start_kernel(cwd=str(folder), env=misleading_environment(home) | environment)
    return Session(manager)


def elsewhere(source: str, address: str) -> str:
    """A cell that fetches the course from `address`, and waits for it as long as a busy machine needs."""
    assert "timeout=20" in source or "import fedcourse" not in source
    return source.replace(repository_address(load_course()), address).replace(
        "timeout=20", f"timeout={PATIENCE}"
    )


def setup_cell(site: Site, language: str = "en", release: str = "main") -> str:
    """The first lesson's set-up cell, as if it had been built with this release."""
    course = load_course()
    path = ROOT / "lessons" / language / f"{course.lessons[0].slug}.ipynb"
    [cell] = [cell for cell in nbformat.read(path, as_version=4).cells if cell.id == "setup"]
    bridge = "fedcourse_colab_" + course.release.replace(".", "_")
    source = cell.source.replace(bridge, "fedcourse_colab_" + release.replace(".", "_"))
    return elsewhere(source.replace(f'"{course.release}"', f'"{release}"'), site.address)


def text(shown: list[dict], stream: str = "stdout") -> str:
    return "".join(
        m["content"]["text"] for m in shown if m["type"] == "stream" and m["content"]["name"] == stream
    )


def errors(shown: list[dict]) -> list[dict]:
    return [message["content"] for message in shown if message["type"] == "error"]


READY = "All cells below run in Python 3.11"


def ready(notebook: Session, site: Site, release: str = "main") -> Session:
    shown = notebook.run(setup_cell(site, release=release))
    assert errors(shown) == []
    assert READY in text(shown)
    return notebook
