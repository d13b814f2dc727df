"""`fedcourse grade` with a real class: the same verdicts as nbgrader's, and nothing lost or done twice."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.utils import is_solution

from fedgrader import cli
from fedgrader.course import ROOT
from fedgrader.course.definitions import definitions
from fedgrader.grading import submission, submissions
from fedgrader.grading.grade import GRADED, NEEDS_ATTENTION
from fedgrader.grading.points import read_verdict
from fedgrader.grading.repair import repair
from fedgrader.running.sandbox import host
from tools.setup_environment import find_tool

SLUG = "lesson01_federated_data"
KEYS = {"student", "lesson", "language", "status", "reason", "points", "max_points", "exercises", "seed"}
KEYS |= {"seconds", "sandboxed"}
IMPORTS = "import collections\nimport numpy as np\nimport tensorflow as tf"
SEED = 7
WRONG = {
    "label_counts": (", minlength=10", ""),
    "sample_clients": ("replace=False", "replace=True"),
}


class Class:
    """An nbgrader course in which the lesson is released, and those who hand in."""

    def __init__(self, root: Path):
        self.root = root
        self.out = root / "graded" / SLUG

    def nbgrader(self, step: str, **environment: str) -> None:
        with (self.root / f"{step}.log").open("w") as log:
            subprocess.run(
                [sys.executable, "-m", "nbgrader", step, SLUG, f"--CourseDirectory.root={self.root}"],
                cwd=self.root if (self.root / "nbgrader_config.py").exists() else ROOT,
                env=_environment() | environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=240,
                check=step != "autograde",  # it fails where one notebook does
            )

    def hand_in(self, student: str, slips: dict | None = None, lang: str = "en", first: str = "") -> Path:
        """A notebook with nothing but answers; `slips` are as in `tools.classroom`."""
        answers = definitions((ROOT / "solutions" / f"{SLUG}.py").read_text(encoding="utf-8"))
        nb = nbformat.read(ROOT / "lessons" / lang / f"{SLUG}.ipynb", as_version=4)
        nb.cells = [new_code_cell(f"{IMPORTS}\n{first}"), *filter(is_solution, nb.cells)]
        for cell in nb.cells[1:]:
            name = cell.metadata.nbgrader.grade_id
            cell.source = answers[name].replace(*(slips or {}).get(name, ("", "")))
        return self.hand_in_text(student, nbformat.writes(nb))

    def hand_in_text(self, student: str, text: str, name: str = SLUG) -> Path:
        path = self.root / "submitted" / student / SLUG / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, *options: str) -> subprocess.Popen:
        """`fedcourse grade` in a session of its own, as from another terminal."""
        command = [sys.executable, "-m", "fedgrader.cli", "grade", SLUG, "--course", str(self.root)]
        command += ["--json", str(self.root / "out.json"), "--workers", "2", "--seed", str(SEED), *options]
        with (self.root / "grade.log").open("w") as log:
            return subprocess.Popen(
                command,
                cwd=ROOT,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def finish(self, process: subprocess.Popen) -> dict[str, dict]:
        """The outcomes by student, when it has ended."""
        code = process.wait(timeout=120)
        assert code == 0, self.log()
        outcomes = json.loads((self.root / "out.json").read_text(encoding="utf-8"))
        return {outcome["student"]: outcome for outcome in outcomes}

    def grade(self, *options: str) -> dict[str, dict]:
        return self.finish(self.start(*options))

    def log(self) -> str:
        return (self.root / "grade.log").read_text(encoding="utf-8")

    def scores(self, db_url: str = "") -> dict[str, dict[str, float | None]]:
        """What the gradebook holds: student to check cell to score."""
        with Gradebook(db_url or f"sqlite:///{self.root}/gradebook.db") as gradebook:
            return {
                entry.student.id: {grade.name: grade.auto_score for grade in entry.notebooks[0].grades}
                for entry in gradebook.assignment_submissions(SLUG)
            }

    def graded_cells(self, student: str) -> list[NotebookNode]:
        path = self.root / "autograded" / student / SLUG / f"{SLUG}.ipynb"
        return nbformat.read(path, as_version=4).cells

    def verdicts(self, student: str) -> list[dict]:
        return [verdict for cell in self.graded_cells(student) if (verdict := read_verdict_of(cell))]

    def times(self) -> dict[str, int]:
        """When each outcome was written; a second writing changes it."""
        return {path.stem: path.stat().st_mtime_ns for path in self.out.glob("*.json")}


def read_verdict_of(cell) -> dict | None:
    return read_verdict(cell) if cell.metadata.get("nbgrader", {}).get("grade") else None


def _environment() -> dict[str, str]:
    return os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def of_us() -> set[psutil.Process]:
    """Our descendants; orphans come to us, for `conftest` made us a subreaper."""
    return {
        process
        for process in psutil.Process().children(recursive=True)
        if process.status() != psutil.STATUS_ZOMBIE
    }


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """No test leaves a process or an open file."""
    processes, files = of_us(), psutil.Process().num_fds()
    yield
    with suppress(AssertionError):
        until(lambda: not of_us() - processes, 5)
    assert not [process.cmdline() for process in of_us() - processes]
    assert psutil.Process().num_fds() <= files


@pytest.fixture(scope="module")
def released(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("released")
    (root / "source" / SLUG).mkdir(parents=True)
    shutil.copy(ROOT / "source" / SLUG / f"{SLUG}.ipynb", root / "source" / SLUG)
    Class(root).nbgrader("generate_assignment")
    return root


@pytest.fixture
def students(released, tmp_path) -> Class:
    """The released course, before anyone hands in."""
    return Class(shutil.copytree(released, tmp_path / "course"))


# --- verdicts ---


def test_a_class_gets_the_same_as_from_nbgrader(students, tmp_path):
    students.hand_in("right")
    students.hand_in("wrong", WRONG, lang="zh")
    students.hand_in_text("broken", "{")
    students.hand_in_text("misnamed", "{}", name="homework")
    students.hand_in_text("foreign", nbformat.writes(new_notebook(cells=[new_code_cell("1 + 1")])))
    link = students.hand_in_text("link", "")
    link.unlink()
    link.symlink_to("/etc/passwd")
    twin = Class(shutil.copytree(students.root, tmp_path / "twin", symlinks=True))
    outcomes = students.grade()

    assert {frozenset(outcome) for outcome in outcomes.values()} == {frozenset(KEYS)}
    assert all(outcome["seed"] == SEED and outcome["sandboxed"] for outcome in outcomes.values())
    attention = {name: outcome for name, outcome in outcomes.items() if outcome["status"] != GRADED}
    assert set(attention) == {"broken", "misnamed", "foreign", "link"}
    assert all(outcome["status"] == NEEDS_ATTENTION for outcome in attention.values())
    assert all(outcome["points"] is None for outcome in attention.values())
    assert "damaged" in outcomes["broken"]["reason"]
    assert "homework.ipynb" in outcomes["misnamed"]["reason"]
    assert "no exercise of" in outcomes["foreign"]["reason"]
    assert "link" in outcomes["link"]["reason"]
    assert outcomes["right"]["points"] == outcomes["right"]["max_points"] == 14
    assert 0 < outcomes["wrong"]["points"] < 14
    assert outcomes["wrong"]["language"] == "zh"

    for name in ("broken", "misnamed", "link"):  # what nbgrader cannot read would only fill its log
        shutil.rmtree(twin.root / "submitted" / name)
    twin.nbgrader("autograde", FEDCOURSE_SEED=str(SEED))
    assert {name: students.scores()[name] for name in ("right", "wrong", "foreign")} == twin.scores()
    for name in ("right", "wrong"):
        assert students.verdicts(name) == twin.verdicts(name)
        assert sum(students.scores()[name].values()) == outcomes[name]["points"]
    assert set(students.scores()["foreign"].values()) == {None}

    students.nbgrader("generate_feedback")
    page = students.root / "feedback" / "wrong" / SLUG / f"{SLUG}.html"
    assert outcomes["wrong"]["exercises"][0]["findings"][0]["message"][:10] in page.read_text(
        encoding="utf-8"
    )


def test_one_submission_leaves_nothing_in_the_next(students):
    coursedir = submissions.course_directory(students.root)
    lesson = submissions.Submissions(coursedir, SLUG, students.root / "submitted", students.out).lesson()
    students.hand_in("some")
    path = students.root / "submitted" / "some" / SLUG / f"{SLUG}.ipynb"
    first, second = (nbformat.read(path, as_version=4) for _ in range(2))
    repair(first, lesson)
    for cell in first.cells:
        cell.metadata["course"] = {"state": "not run"}
        cell.metadata.get("nbgrader", {}).clear()
    repair(second, lesson)
    assert not any("course" in cell.metadata for cell in second.cells)
    assert all(cell.metadata.nbgrader for cell in second.cells[1:])


def test_a_submission_that_is_too_large_is_not_read(students, monkeypatch):
    students.hand_in("large")
    monkeypatch.setattr(submission, "MAX_BYTES", 100)
    coursedir = submissions.course_directory(students.root)
    text, reason = submissions.Submissions(coursedir, SLUG, students.root / "submitted", students.out).read(
        "large"
    )
    assert not text
    assert "MB are allowed" in reason


def test_without_a_sandbox_is_said_and_recorded(students):
    students.hand_in("right")
    outcome = students.grade("--unsafe-no-sandbox")["right"]
    assert outcome["points"] == 14
    assert outcome["sandboxed"] is False
    assert "Warning: student code runs without a sandbox" in students.log()


# --- what cannot start says why ---


def refusal(capsys, *arguments: str) -> str:
    assert cli.main(["grade", *arguments]) == 2
    return capsys.readouterr().err


def test_nobody_has_handed_in(students, capsys):
    assert "Nobody has handed in" in refusal(capsys, SLUG, "--course", str(students.root))


def test_a_lesson_that_is_not_released(tmp_path, capsys):
    said = refusal(capsys, SLUG, "--course", str(tmp_path))
    assert f"{SLUG} is not released yet: run `nbgrader generate_assignment {SLUG}` first." in said


def test_an_unknown_lesson(students, capsys):
    assert SLUG in refusal(capsys, "lesson01_federated_dat", "--course", str(students.root))


def test_no_bubblewrap(students, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(students.root))
    host.require_bubblewrap.cache_clear()
    said = refusal(capsys, SLUG, "--course", str(students.root))
    assert "bubblewrap is missing. Run `apt-get install bubblewrap`" in said


# --- nothing lost, nothing twice ---


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_is_taken_up_again(students, how):
    for number in range(4):
        students.hand_in(f"student{number}", first=f"import time; time.sleep({number})")
    first = students.start()
    until(students.times)
    first.send_signal(how)
    assert first.wait(timeout=20) == (130 if how == signal.SIGINT else -how)
    assert ("goes on where it was" in students.log()) == (how == signal.SIGINT)
    assert "Traceback" not in students.log()
    before = students.times()
    assert 0 < len(before) < 4
    changed = min(before)
    students.hand_in(changed, WRONG)

    outcomes = students.grade()
    points = {name: outcome["points"] for name, outcome in outcomes.items()}
    assert 0 < points.pop(changed) < 14
    assert list(points.values()) == [14] * 3
    regraded = {name for name, written in before.items() if students.times()[name] != written}
    assert regraded == {changed}
    totals = {name: sum(scores.values()) for name, scores in students.scores().items()}
    assert totals == {name: outcome["points"] for name, outcome in outcomes.items()}


def test_a_killed_sandbox_loses_nothing(students):
    for number in range(3):
        students.hand_in(f"student{number}")
    run = students.start()
    until(students.times)
    for process in psutil.Process(run.pid).children():
        process.kill()
    outcomes = students.finish(run)
    assert [outcome["points"] for outcome in outcomes.values()] == [14] * 3, outcomes
    assert set(students.scores()) == {f"student{number}" for number in range(3)}


def test_limits_are_those_of_the_configuration(students):
    students.hand_in("slow", first="import time; time.sleep(60)")
    (students.root / "nbgrader_config.py").write_text("c = get_config()\nc.RunNotebook.timeout = 1\n")
    assert students.grade()["slow"]["seconds"] < 30
    assert "1 seconds are allowed" in students.graded_cells("slow")[0].outputs[-1].evalue


def test_who_asks_hears_in_their_language_that_nobody_answers(students):
    students.hand_in("asks", first="input('name? ')", lang="ko")
    assert students.grade()["asks"]["points"] == 14
    assert "`input`에 답할 사람이 없어요" in students.graded_cells("asks")[0].outputs[-1].evalue


def test_an_error_in_a_library_is_traced_to_the_students_line(students):
    students.hand_in(
        "shapes", {"label_counts": ("np.bincount(labels, minlength=10)", "np.reshape(labels, [7, 99])")}
    )
    students.grade()
    assert "`return np.reshape(labels, [7, 99])`" in str(students.verdicts("shapes")[0])


def test_late_work_costs_what_nbgrader_says_as_long_as_it_is_late(students):
    students.hand_in("late")
    (students.root / "submitted" / "late" / SLUG / "timestamp.txt").write_text("2026-01-02 00:00:00 UTC")
    (students.root / "nbgrader_config.py").write_text(
        """
from nbgrader.plugins import LateSubmissionPlugin
class TwoPoints(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 2.0
c = get_config()
c.AssignLatePenalties.plugin_class = TwoPoints
"""
    )
    for due, penalty in (("2026-01-01", 2), ("2026-01-03", None)):
        with Gradebook(f"sqlite:///{students.root}/gradebook.db") as gradebook:
            gradebook.update_or_create_assignment(SLUG, duedate=f"{due} 00:00:00 UTC")
        students.grade()
        with Gradebook(f"sqlite:///{students.root}/gradebook.db") as gradebook:
            submission = gradebook.find_submission(SLUG, "late")
            assert (submission.score, submission.late_submission_penalty) == (14, penalty or 0)
        (students.out / "late.json").unlink()  # so that it is graded again


# --- clusters and servers ---


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(command: list[str], log: Path, **options) -> Iterator[subprocess.Popen]:
    """The command in the background; ended, with all that it started, at the end."""
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, **options)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen) -> None:
    with suppress(psutil.NoSuchProcess):
        tree = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
        for member in tree:
            with suppress(psutil.NoSuchProcess):
                member.kill()
    process.wait()


def test_a_cluster_that_loses_a_machine(students, tmp_path):
    for number in range(4):
        students.hand_in(f"student{number}")
    address = f"tcp://127.0.0.1:{free_port()}"
    dask = [sys.executable, "-m", "distributed.cli"]
    scheduler = [f"{dask[-1]}.dask_scheduler", "--host", address, "--no-dashboard"]
    worker = [f"{dask[-1]}.dask_worker", address, "--nworkers", "1", "--nthreads", "1", "--no-dashboard"]
    worker += ["--local-directory", str(tmp_path)]
    environment = _environment() | {"PYTHONPATH": str(ROOT)}
    with ExitStack() as stack:
        stack.enter_context(running([*dask[:2], *scheduler], tmp_path / "scheduler.log", env=environment))
        machines = [
            stack.enter_context(running([*dask[:2], *worker], tmp_path / f"worker{n}.log", env=environment))
            for n in range(2)
        ]
        run = stack.enter_context(students.start("--scheduler", address))
        until(students.times, 90)
        before = students.times()
        end(machines[0])
        assert [outcome["points"] for outcome in students.finish(run).values()] == [14] * 4
    assert {name: students.times()[name] for name in before} == before
    assert len(students.scores()) == 4


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of a new PostgreSQL server's empty database; its server does not run as root."""
    folder, port = Path(tempfile.mkdtemp(dir="/tmp")), free_port()
    as_owner = []
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        # Not Popen's `user`: with it Python forks the slow way, and gRPC's threads may crash the fork.
        as_owner = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    data = str(folder / "data")
    initdb = [find_tool("initdb"), "--pgdata", data, "--username", "teacher", "--auth", "trust", "--no-sync"]
    subprocess.run([*as_owner, *initdb], check=True, capture_output=True, cwd=folder)
    server = [find_tool("postgres"), "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", str(folder)]
    with running([*as_owner, *server], folder.parent / f"{folder.name}.log", cwd=folder):
        until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        yield f"postgresql+psycopg2://teacher@127.0.0.1:{port}/postgres"
    shutil.rmtree(folder)
    folder.parent.joinpath(f"{folder.name}.log").unlink()


def test_a_gradebook_in_postgresql(postgres, tmp_path):
    course = Class(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text(
        f"""
c = get_config()
c.CourseDirectory.db_url = {postgres!r}
c.CourseDirectory.course_id = "federated"  # nbgrader's empty default breaks a foreign key of PostgreSQL
""",
        encoding="utf-8",
    )
    (tmp_path / "source" / SLUG).mkdir(parents=True)
    shutil.copy(ROOT / "source" / SLUG / f"{SLUG}.ipynb", tmp_path / "source" / SLUG)
    course.nbgrader("generate_assignment")
    course.hand_in("right")
    assert course.grade()["right"]["points"] == 14
    assert not (tmp_path / "gradebook.db").exists()
    assert sum(course.scores(postgres)["right"].values()) == 14
