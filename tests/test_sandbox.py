"""The sandbox holds: every attack is graded with the real `nbgrader`, between two honest students."""

import ctypes.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import nbformat
import psutil
import pytest
from attacks import CHEATS, EXPLORERS, FORGED, SABOTAGE
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from processes import PATIENCE, environment, of_us, until

from fedgrader.course import ROOT
from fedgrader.course.definitions import definitions
from fedgrader.grading.points import read_verdict
from fedgrader.running.sandbox import host

pytestmark = [pytest.mark.slow(120), pytest.mark.xdist_group("sandbox")]

SLUG = "lesson01_federated_data"
POINTS = {"label_counts": 3, "preprocess": 5, "sample_clients": 3, "make_federated_data": 3}
HONEST_PART = 3  # what an attacker has earned: label_counts
IMPORTS = (
    "import collections\nimport numpy as np\nimport tensorflow as tf\nimport tensorflow_federated as tff\n"
)
REFERENCE = definitions((ROOT / "solutions" / f"{SLUG}.py").read_text(encoding="utf-8"))
OPTIONS = ("--RunNotebook.timeout=6", "--RunNotebook.answer_timeout=2")
MARKER = f"3141592{os.getpid()}"
IN_CHECK_CELL = "forged_in_check_cell"
ATTACKS = {**EXPLORERS, **CHEATS, **SABOTAGE}


def notebook(*cells: str, honest: bool = False) -> NotebookNode:
    """`cells`, then all the work if `honest`, else one exercise; check cells are left to the grader."""
    work = [source for name, source in REFERENCE.items() if honest or name == "label_counts"]
    return new_notebook(cells=[new_code_cell(source) for source in (*cells, IMPORTS, *work)])


class Class:
    """A course directory whose students are attackers, but the first and the last."""

    def __init__(self, root: Path):
        self.root = root
        self.source = root / "source" / SLUG
        self.source.mkdir(parents=True)
        shutil.copy(ROOT / "source" / SLUG / f"{SLUG}.ipynb", self.source)
        for honest in ("a_honest", "z_honest"):
            self.submit(honest, notebook(honest=True))

    def submit(self, student: str, nb: NotebookNode) -> Path:
        path = self.root / "submitted" / student / SLUG / f"{SLUG}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(nb), encoding="utf-8")
        return path

    def nbgrader(self, command: str, *options: str) -> str:
        """The command's log; it may fail, for it does where a single submission cannot be graded."""
        log = self.root / f"{command}.log"
        arguments = [sys.executable, "-m", "nbgrader", command, SLUG, f"--CourseDirectory.root={self.root}"]
        arguments += options
        with log.open("w") as file:
            subprocess.run(arguments, cwd=ROOT, env=environment(), stdout=file, stderr=file, timeout=PATIENCE)
        return log.read_text()

    def scores(self, student: str) -> dict[str, float | None]:
        """Points by exercise, None where a person must decide; empty if nothing was graded."""
        with Gradebook(CourseDirectory(root=str(self.root)).db_url) as gradebook:
            grades = [
                grade
                for submission in gradebook.student_submissions(student)
                for notebook in submission.notebooks
                for grade in notebook.grades
            ]
            return {grade.name.removeprefix("check_"): grade.auto_score for grade in grades}

    def autograded(self, student: str) -> NotebookNode:
        path = self.root / "autograded" / student / SLUG / f"{SLUG}.ipynb"
        return nbformat.read(path, as_version=4)

    def printed(self, student: str) -> str:
        """All text of the graded notebook, outputs and notes included, sources excluded."""
        nb = self.autograded(student)
        for cell in nb.cells:
            cell.source = ""
        return json.dumps(nb)


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Class:
    """The class after one run of autograde."""
    root = tmp_path_factory.mktemp("class")
    course = Class(root)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("\0fedcourse-test-" + MARKER)
    listener.listen()
    secrets = [
        str(root),
        str(ROOT / "solutions"),
        str(ROOT / "autograder" / "fedgrader" / "checks"),
        str(Path.home() / ".ssh"),
    ]
    given = f"SECRET_PATHS = {secrets!r}\nSECRET_ADDRESS = {listener.getsockname()!r}\n"
    for name, attack in ATTACKS.items():
        attack = attack.replace("MARKER", MARKER)
        course.submit(f"m_{name}", notebook(given + attack if name in EXPLORERS else attack))
    _submit_in_check_cell(course)
    _submit_odd_files(course)
    course.nbgrader("generate_assignment")
    course.nbgrader("autograde", *OPTIONS)
    listener.close()
    return course


def _submit_in_check_cell(course: Class) -> None:
    nb = notebook()
    meta = {"grade_id": "check_preprocess", "grade": True, "locked": True, "solution": False, "points": 5}
    source = FORGED + f'display(bundle, raw=True)\n# check("{SLUG}.preprocess", preprocess)'
    meta |= {"schema_version": 3, "task": False, "cell_type": "code"}
    nb.cells.append(new_code_cell(source, metadata={"nbgrader": meta}))
    course.submit(f"m_{IN_CHECK_CELL}", nb)


def _submit_odd_files(course: Class) -> None:
    path = course.submit("m_odd_names", notebook())
    for name in ("-rf", "a b\n.txt", "$(touch oops)", "é.ipynb.bak", ".hidden"):
        (path.parent / name).write_text("x")
    course.submit("m_large", notebook("'" + "x" * 20_000_000 + "';"))
    for student, target in (("m_symlink", "../../a_honest/" + SLUG), ("m_broken_link", "/nowhere")):
        path = course.submit(student, notebook())
        path.unlink()
        path.symlink_to(f"{target}/{SLUG}.ipynb")


@pytest.mark.parametrize("student", ["a_honest", "z_honest"])
def test_honest_work_among_attacks_gets_full_marks(graded, student):
    assert graded.scores(student) == POINTS


@pytest.mark.parametrize("name", [*ATTACKS, IN_CHECK_CELL])
def test_no_attack_gains_points(graded, name):
    scores = graded.scores(f"m_{name}")
    assert set(scores) == set(POINTS)
    assert sum(score or 0 for score in scores.values()) <= HONEST_PART


@pytest.mark.parametrize("name", [*ATTACKS, IN_CHECK_CELL])
def test_every_lost_point_has_a_reason(graded, name):
    nb = graded.autograded(f"m_{name}")
    checks = [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert len(checks) == len(POINTS)
    for cell in checks:
        verdict = read_verdict(cell)
        if verdict is None:
            assert cell.metadata["course"]["state"] and nb.metadata["course"]["attention"]
        else:
            assert verdict["passed"] or all(finding["message"] for finding in verdict["findings"])


@pytest.mark.parametrize("name", EXPLORERS)
def test_nothing_is_found_that_should_not_be(graded, name):
    text = graded.printed(f"m_{name}")
    assert "LEAK" not in text
    assert graded.scores(f"m_{name}")["label_counts"] == HONEST_PART, (
        "the attack's cell did not run to its end"
    )


def test_the_explorers_would_report_what_they_find(tmp_path):
    """Outside of the sandbox the same code finds what there is."""
    (tmp_path / "lesson01.py").touch()
    code = EXPLORERS["read_files"].replace('os.walk("/")', f"os.walk({str(tmp_path)!r})")
    outside = subprocess.run(
        [sys.executable, "-c", f"SECRET_PATHS = [{str(tmp_path)!r}]\n{code}"], cwd=ROOT, capture_output=True
    )
    assert outside.stdout.count(b"LEAK") >= 4


def command_lines() -> list[str]:
    return [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]


def test_nothing_stays(graded):
    assert not [line for line in command_lines() if MARKER in line]
    assert not [line for line in command_lines() if "warm.py" in line and str(graded.root) in line]


@pytest.mark.parametrize("name", ["symlink", "broken_link"])
def test_a_link_is_not_followed_to_the_work_of_another(graded, name):
    assert not any(graded.scores(f"m_{name}").values())


def test_what_a_link_points_to_is_not_kept(graded):
    nb = graded.autograded("m_symlink")
    assert nb.cells == []
    assert "is a link" in nb.metadata.course.attention[0].message


@pytest.mark.parametrize("name", ["odd_names", "large"])
def test_odd_files_do_not_get_in_the_way(graded, name):
    assert graded.scores(f"m_{name}")["label_counts"] == HONEST_PART


@pytest.fixture(scope="module")
def sandbox():
    yield host.sandbox()
    host.stop()


def run(source: str) -> str:
    """What a cell prints in a new sandboxed kernel."""
    nb = new_notebook(cells=[new_code_cell(source)])
    NotebookClient(nb, kernel_name="fedcourse-sandbox", timeout=PATIENCE).execute()
    return "".join(output.get("text", "") for output in nb.cells[0].outputs)


def test_kernels_leave_nothing_behind(sandbox):
    warm = psutil.Process(sandbox.process.pid)

    def settled() -> tuple[int, int, int, int]:
        """Open files here, processes, folders, and bytes of the sandbox, once the last keeper has gone."""
        with suppress(AssertionError):
            until(lambda: len(warm.children(recursive=True)) <= 2, 60)
        processes = warm.children(recursive=True)
        folders = len(list((sandbox.folder / "kernels").iterdir()))
        memory = sum(process.memory_info().rss for process in processes)
        return psutil.Process().num_fds(), len(processes), folders, memory

    connection = {"transport": "ipc", "ip": "/run/kernel/k", "key": "", "signature_scheme": "hmac-sha256"}
    connection |= {
        f"{name}_port": n for n, name in enumerate(("shell", "iopub", "stdin", "hb", "control"), 1)
    }

    def start_and_end(number: int) -> None:
        kernel = sandbox.start_kernel(connection, {}, f"k{number}")
        if number % 2:
            kernel.kill()
        kernel.close()
        assert kernel.exit_code is not None

    start_and_end(0)
    before = settled()
    for number in range(1, 31):
        start_and_end(number)
    after = settled()
    assert after[:3] == before[:3]
    assert after[3] < before[3] + 20_000_000


def test_kernels_do_not_see_each_other(sandbox):
    assert run("open('/tmp/mine', 'w').write('x'); print('written')") == "written\n"
    assert "mine" not in run("import os; print(os.listdir('/tmp'), os.listdir('/run/kernels'))")


def test_kernels_draw_their_own_random_numbers(sandbox):
    draw = """
import random
import numpy as np
import tensorflow as tf
print(random.random(), np.random.rand(), float(tf.random.normal([])))
"""
    assert not set(run(draw).split()) & set(run(draw).split())


def test_system_calls_that_no_lesson_needs_are_refused(sandbox):
    code = """
import ctypes, errno, socket
libc = ctypes.CDLL(None, use_errno=True)
NEW_USER, SIGCHLD, CLONE, KEYCTL, BPF, CLONE3 = 0x10000000, 17, 56, 250, 321, 435
for call in (
    lambda: libc.unshare(NEW_USER),
    lambda: libc.syscall(CLONE, NEW_USER | SIGCHLD, 0, 0, 0, 0),
    lambda: libc.syscall(CLONE3, 0, 0),
    lambda: libc.ptrace(0, 0, 0, 0),
    lambda: libc.syscall(KEYCTL, 0, 0, 0, 0, 0),
    lambda: libc.syscall(BPF, 0, 0, 0),
    lambda: libc.socket(socket.AF_VSOCK, socket.SOCK_STREAM, 0),
):
    print(call(), errno.errorcode[ctypes.get_errno()])
"""
    refused = ["-1 EPERM", "-1 EPERM", "-1 ENOSYS", "-1 EPERM", "-1 EPERM", "-1 EPERM", "-1 EAFNOSUPPORT"]
    assert run(code).splitlines() == refused


def test_kernels_run_the_python_that_the_grader_runs(sandbox):
    # Of another version, a shared library of Python may stand where the system keeps its libraries.
    assert run("import sys; print(sys.version)") == f"{sys.version}\n"


def test_a_restarted_kernel_listens_where_it_did(sandbox):
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_name="fedcourse-sandbox")
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE)
    manager.restart_kernel(now=True)
    client.wait_for_ready(timeout=PATIENCE)
    assert client.execute_interactive("1", timeout=PATIENCE, silent=True)["content"]["status"] == "ok"
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    assert not manager.is_alive()


def test_nothing_is_left_of_a_killed_grader():
    code = "from fedgrader.running.sandbox import host; import time; print(host.sandbox().folder, flush=True)"
    code += "; time.sleep(10**6)"
    grader = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    folder = Path(grader.stdout.readline().strip())
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    until(lambda: not any(str(folder) in line for line in command_lines()))
    host._remove_abandoned()
    assert not folder.exists()


@pytest.mark.parametrize("milliseconds", [0, 1, 2, 4, 8, 16, 64])
def test_a_sandbox_that_is_stopped_at_its_start_leaves_nothing(milliseconds):
    before = of_us()
    sandbox = host.Sandbox()
    time.sleep(milliseconds / 1000)
    sandbox.stop()
    until(lambda: not of_us() - before)


def test_one_signal_reaches_all_of_a_sandbox(sandbox):
    room, line = sandbox.start_executor({})  # there is a warm process now
    (inner,) = psutil.Process(sandbox.process.pid).children()
    assert {os.getpgid(process.pid) for process in (inner, *inner.children())} == {sandbox.process.pid}
    line.close()
    room.close()


def test_a_folder_in_use_is_not_removed(sandbox):
    host._remove_abandoned()
    assert sandbox.folder.exists()


@pytest.fixture
def path_without_bubblewrap(monkeypatch, tmp_path):
    host.require_bubblewrap.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    yield tmp_path
    host.require_bubblewrap.cache_clear()


def test_without_bubblewrap_the_message_says_what_to_do(path_without_bubblewrap):
    with pytest.raises(host.NoSandbox, match=r"apt-get install bubblewrap.*--RunNotebook\.sandbox=False"):
        host.require_bubblewrap()


def test_where_namespaces_are_forbidden_the_message_gives_the_reason(path_without_bubblewrap):
    fake = path_without_bubblewrap / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    with pytest.raises(host.NoSandbox, match=re.escape("setting up uid map: Permission denied")):
        host.require_bubblewrap()


def test_without_libseccomp_the_message_says_what_to_do(monkeypatch):
    monkeypatch.delitem(sys.modules, "pyseccomp", raising=False)
    find = ctypes.util.find_library
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None if name == "seccomp" else find(name))
    with pytest.raises(host.NoSandbox, match="apt-get install libseccomp2"):
        host.Sandbox()
