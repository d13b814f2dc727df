"""Lessons in a kernel without TFF: a Python of the course's own beside it, installed and talked to for real.

What only Colab itself can show is left out: its server, its buttons, its machines.
"""

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
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from processes import PATIENCE

from fedgrader.checking.looks import VERDICT_MIME
from fedgrader.course import ROOT, load_course
from tools.classroom import Student, completed
from tools.setup_environment import find_uv

pytestmark = [pytest.mark.slow(150), pytest.mark.xdist_group("colab")]

REPOSITORY = f"https://github.com/{load_course().repository}"
# As Colab had it in 2025, and as it is on PyPI today.
COLAB = ("ipykernel==6.17.1", "jupyter_client==7.4.9", "ipython==7.34.0", "tornado<6.5")
NEWEST = ("ipykernel",)
NEWER_PYTHONS = ("3.13", "3.12", "3.11")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serves the working tree as GitHub serves the repository."""
    site = tmp_path_factory.mktemp("site") / "owner" / "name"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    (site / "archive/refs/heads").mkdir(parents=True)
    with zipfile.ZipFile(site / "archive/refs/heads/main.zip", "w") as archive:
        for name in files:
            archive.write(ROOT / name, f"fedcourse-main/{name}")
    (site / "raw").mkdir()
    (site / "raw/main").symlink_to(ROOT)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site.parents[1])) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}/owner/name"
        httpd.shutdown()


def newest_python() -> str:
    """The newest Python on this machine: the lessons' own is 3.11, and Colab's is newer."""
    pyenv = Path.home() / ".pyenv" / "versions"
    for version in NEWER_PYTHONS:
        found = [*pyenv.glob(f"{version}.*/bin/python"), shutil.which(f"python{version}")]
        if works := next((str(python) for python in found if python and runs(str(python))), ""):
            return works
    return sys.executable


def runs(python: str) -> bool:
    return subprocess.run([python, "-c", "import ssl, sqlite3"], capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def outer(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[str, ...]], KernelManager]:
    """Makes managers of kernels in a Python with these packages, and without TFF."""
    folders: dict[tuple[str, ...], Path] = {}

    def make(packages: tuple[str, ...]) -> KernelManager:
        if packages not in folders:
            folders[packages] = with_kernel(tmp_path_factory.mktemp("outer"), packages)
        specs = KernelSpecManager(kernel_dirs=[str(folders[packages])], ensure_native_kernel=False)
        return KernelManager(kernel_name="outer", kernel_spec_manager=specs)

    return make


def with_kernel(folder: Path, packages: tuple[str, ...]) -> Path:
    uv, python, spec = find_uv(sys.executable), folder / "python", folder / "kernels" / "outer"
    subprocess.run([uv, "venv", "--quiet", "--seed", "--python", newest_python(), python], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *packages], check=True)
    spec.mkdir(parents=True)
    argv = [f"{python}/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "outer", "language": "python"})
    )
    return spec.parent


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the course installs itself; the tests of this module share it, since it takes a while."""
    return tmp_path_factory.mktemp("home")


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
        request, shown, asked = self.client.execute(cell, allow_stdin=True), [], not answer
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
        manager = outer(packages)
        manager.start_kernel(cwd=str(tmp_path), env=clean_environment(home) | environment)
        opened.append(Session(manager))
        return opened[-1]

    yield begin
    for one in opened:
        one.close()


def clean_environment(home: Path) -> dict[str, str]:
    """Colab sets these for its own Python; ours must not be led astray by them."""
    misleading = {"PYTHONPATH": "/env/python", "MPLBACKEND": "module://ipykernel.pylab.backend_inline"}
    return os.environ | misleading | {"FEDCOURSE_HOME": str(home)}


def setup_cell(address: str, language: str = "en") -> str:
    lesson = load_course().lessons[0]
    path = ROOT / "lessons" / language / f"{lesson.slug}.ipynb"
    [cell] = [cell for cell in nbformat.read(path, as_version=4).cells if cell.id == "setup"]
    return cell.source.replace(REPOSITORY, address)


def text(shown: list[dict], stream: str = "stdout") -> str:
    return "".join(
        m["content"]["text"] for m in shown if m["type"] == "stream" and m["content"]["name"] == stream
    )


def ready(notebook: Session, server: str) -> Session:
    shown = notebook.run(setup_cell(server))
    assert errors(shown) == []
    assert READY["en"] in text(shown)
    return notebook


def errors(shown: list[dict]) -> list[dict]:
    return [message["content"] for message in shown if message["type"] == "error"]


READY = {
    "en": "All cells below run in Python 3.11",
    "zh": "3.11",
    "ko": "3.11",
    "pt": "3.11",
}


@pytest.mark.parametrize(
    ("language", "packages"),
    [("en", COLAB), ("zh", NEWEST), ("ko", COLAB), ("pt", NEWEST)],
    ids=["en as on Colab", "zh newest", "ko as on Colab", "pt newest"],
)
def test_a_lesson_runs_from_top_to_bottom(language, packages, server, outer, home, tmp_path, monkeypatch):
    lesson = load_course().lessons[0]
    notebook = completed(Student("reference", language, "all right"), lesson)
    for cell in notebook.cells:
        cell.source = cell.source.replace(REPOSITORY, server)
    manager = outer(packages)
    for name, value in clean_environment(home).items():
        monkeypatch.setenv(name, value)
    NotebookClient(
        notebook, timeout=600, km=manager, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    verdicts = [output.data[VERDICT_MIME] for output in outputs if VERDICT_MIME in output.get("data", {})]
    assert [(v["passed"], v["language"]) for v in verdicts] == [(True, language)] * len(lesson.exercises)
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert READY[language] in "".join(output.text for output in outputs if output.get("name") == "stdout")
    assert "".join(output.text for output in outputs if output.get("name") == "stderr") == ""


def test_everything_a_cell_does_arrives_as_at_home(server, session, home):
    notebook = ready(session(), server)

    assert text(notebook.run("import sys; print(sys.version_info[:2])")) == "(3, 11)\n"
    assert text(notebook.run("print('careful', file=sys.stderr)"), "stderr") == "careful\n"
    assert "2/2" in text(notebook.run("from tqdm import tqdm\nfor _ in tqdm(range(2)): pass"), "stderr")

    [result] = [m["content"] for m in notebook.run("kept = 6 * 7\nkept") if m["type"] == "execute_result"]
    assert result["data"]["text/plain"] == "42"
    assert notebook.run("kept;") == []

    shown = notebook.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert any("image/png" in m["content"]["data"] for m in shown if m["type"] == "display_data")

    shown = notebook.run(
        "from IPython.display import clear_output, display\n"
        "handle = display('a', display_id=True)\nhandle.update('b')\nclear_output(wait=True)"
    )
    kinds = [message["type"] for message in shown]
    assert kinds[-3:] == ["display_data", "update_display_data", "clear_output"]

    assert "hello, Ann" in text(notebook.run("print('hello,', input('name? '))", answer="Ann"))
    assert "Signature" in text(notebook.run("sys.exit?"))
    assert text(notebook.run("%%time\nprint('magic')")).startswith("magic\nCPU times")
    assert text(notebook.run("!echo from the shell")).strip() == "from the shell"
    where = "import sys; print(sys.executable)"
    assert text(notebook.run(where)).startswith(str(home))
    assert not text(notebook.run(f"# google.colab lives outside\n{where}")).startswith(str(home))


def test_an_error_looks_as_at_home_and_the_coach_speaks_below_it(server, session):
    notebook = ready(session(), server)
    notebook.run("import tensorflow_federated as tff")
    shown = notebook.run("tff.federated_broadcast(3)")
    [error] = errors(shown)
    assert error["ename"] == "TypeError"
    assert any("federated_broadcast" in line for line in error["traceback"])
    kinds = [message["type"] for message in shown]
    assert kinds.index("error") < kinds.index("display_data")
    assert text(notebook.run("print('goes on')")) == "goes on\n"


def test_the_stop_button_stops_the_cell_and_nothing_else(server, session):
    notebook = ready(session(), server)
    shown = notebook.run(
        "import time\nkept = 1\nprint('begun', flush=True)\ntime.sleep(10**6)", interrupt_at="begun"
    )
    assert [error["ename"] for error in errors(shown)] == ["KeyboardInterrupt"]
    assert text(notebook.run("print(kept)")) == "1\n"


def test_a_python_that_ends_says_so_and_the_first_cell_starts_another(server, session):
    notebook = ready(session(), server)
    [error] = errors(notebook.run("import os; os._exit(1)"))
    assert "Run the first cell again" in error["evalue"]
    assert READY["en"] in text(notebook.run(setup_cell(server)))
    assert text(notebook.run("print(1)")) == "1\n"


def test_an_interrupted_installation_goes_on_at_the_next_run(server, session, tmp_path_factory):
    home = tmp_path_factory.mktemp("interrupted")
    notebook = session(home=home)
    shown = notebook.run(setup_cell(server), interrupt_at="packages")
    assert [error["ename"] for error in errors(shown)] == ["KeyboardInterrupt"]
    assert not (home / "python" / "ready").exists()
    shown = notebook.run(setup_cell(server))
    assert errors(shown) == []
    assert READY["en"] in text(shown)


def test_without_a_network_the_first_cell_says_so(session, tmp_path_factory):
    notebook = session(home=tmp_path_factory.mktemp("offline"))
    [error] = errors(notebook.run(setup_cell("http://127.0.0.1:9/owner/name")))
    assert "No network" in error["evalue"]


def test_once_installed_it_needs_no_network(session, server, tmp_path):
    ready(session(), server)
    assert (tmp_path / "fedcourse_colab.py").exists()
    shown = session().run(setup_cell("http://127.0.0.1:9/owner/name"))
    assert READY["en"] in text(shown)
    assert "packages" not in text(shown), "nothing is installed again"


def test_a_failed_step_is_named_with_what_the_installer_said(server, session, tmp_path_factory):
    home = tmp_path_factory.mktemp("broken")
    notebook = session(home=home, UV_OFFLINE="1", UV_CACHE_DIR=str(home / "cache"))
    [error] = errors(notebook.run(setup_cell(server)))
    assert "The installation stopped here: TensorFlow, TFF and the rest" in error["evalue"]
    assert "it goes on where it was" in error["evalue"]
    assert not (home / "python" / "ready").exists()
