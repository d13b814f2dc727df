"""The nbgrader plug-ins: one test for each way a submission can go wrong, or a grade can."""

import csv
import fcntl
import os
import re
import sys
import time
from pathlib import Path

import psutil
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader_course import ADD_ONE, ROOT, SETUP, SLUG, TinyCourse, checker, graded, notebook

from fedcourse.coach import EXPLANATION
from fedgrader.checking.looks import VERDICT_MIME
from fedgrader.grading import feedback, notes, save
from fedgrader.grading.grade import GRADED, NEEDS_ATTENTION
from fedgrader.grading.report import ReportRow, collect, table, write_csv
from fedgrader.running.run import RunNotebook

LOOP = "def add_one(x):\n    while True:\n        pass"
DEAF = """
import time
def double(x):
    while True:
        try:
            while True:
                time.sleep(0.01)
        except KeyboardInterrupt:
            pass
"""
DEAD = "import os\ndef double(x):\n    os._exit(1)"
NOISY = "import sys\ndef add_one(x):\n    print('noise', file=sys.stderr)\n    return x + 1"
CRASHED_IN_LIBRARY = "import json\ndef add_one(x):\n    return x + 1\njson.loads('{')"


def edited(change) -> NotebookNode:
    """A right submission after `change`, which edits its list of cells in place."""
    nb = notebook()
    change(nb.cells)
    return nb


def _duplicate(cells: list) -> None:
    cells.insert(2, graded("add_one", "def add_one(x):\n    return x"))
    cells[1].source, cells[2].source = cells[2].source, cells[1].source


def _copy_check(cells: list) -> None:
    cells.insert(0, checker("add_one"))


def _rename(cells: list) -> None:
    cells[2].metadata.nbgrader["grade_id"] = "my_check"


def _strip(cells: list) -> None:
    for cell in cells:
        cell.metadata = NotebookNode()


def _spoil(cells: list) -> None:
    cells[0].metadata["nbgrader"] = {}
    cells[1].metadata["nbgrader"] = {"grade_id": "add_one", "solution": True, "schema_version": 1}
    cells[2].metadata["nbgrader"] = {"grade_id": "check_add_one", "points": -7, "grade": "yes"}
    cells[3].metadata["nbgrader"] = ["nonsense"]
    cells[4].metadata["nbgrader"]["schema_version"] = 99


def _write_into_check(cells: list) -> None:
    cells[2].source = ADD_ONE + "\n# my own words"


def _skip(cells: list) -> None:
    cells[2].metadata["tags"] = ["skip-execution"]


def _other_lesson(cells: list) -> None:
    cells[:] = [
        graded("add_one", ADD_ONE),
        graded("check_add_one", 'check("lesson09_other.add_one", add_one)', 5),
    ]


def _as_markdown(cells: list) -> None:
    cells[2] = new_markdown_cell(cells[2].source, metadata=cells[2].metadata)


SUBMISSIONS = {
    "good": notebook(),
    "partial": notebook(add_one="def add_one(x):\n    return x"),
    "noisy": notebook(add_one=NOISY),
    "slow": notebook(add_one="import time\ndef add_one(x):\n    time.sleep(1)\n    return x + 1"),
    "loop": notebook(add_one=LOOP),
    "deaf": notebook(double=DEAF),
    "dead": notebook(double=DEAD, lang="ko"),
    "duplicate": edited(_duplicate),
    "copied_check": edited(_copy_check),
    "renamed": edited(_rename),
    "stripped": edited(_strip),
    "spoiled": edited(_spoil),
    "wrote_into_check": edited(_write_into_check),
    "markdown_check": edited(_as_markdown),
    "skipped": edited(_skip),
    "no_check": edited(lambda cells: cells.pop(2)),
    "no_check_no_solution": edited(lambda cells: cells.__delitem__(slice(1, 3))),
    "no_import": edited(lambda cells: cells.pop(0)),
    "broken_function": notebook(add_one="def add_one(x):\n    return ("),
    "rebound": notebook(add_one=ADD_ONE + "\ncheck = lambda name, answer: 2.0"),
    "hidden": notebook(double="def double(x):\n    return 4"),
    "korean": notebook(lang="ko"),
    "portuguese": notebook(add_one='def use_language(code): pass\nuse_language("pt")\n' + ADD_ONE),
    "paths": notebook(add_one=CRASHED_IN_LIBRARY),
    "foreign": new_notebook(cells=[new_code_cell("print('hello')")]),
    "other_lesson": edited(_other_lesson),
    "damaged": '{"cells": [',
    "not_a_notebook": '{"a": 1}',
}
UNGRADED = {"damaged", "not_a_notebook", "misnamed"}


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> TinyCourse:
    """All submissions graded in one batch, once a test run even if two processes share the tests."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "nbgrader_course"
    root.mkdir(exist_ok=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        course = TinyCourse(root)
        if not (root / "ready").exists():
            grade_batch(course)
            (root / "ready").touch()
    return course


def grade_batch(course: TinyCourse) -> None:
    """Hand in, grade and give feedback with the commands an instructor types; one comment, one penalty."""
    for student, nb in SUBMISSIONS.items():
        course.submit(student, nb)
    course.submit("misnamed", notebook(), name="homework (1)")
    course.nbgrader("generate_assignment", SLUG)
    course.nbgrader("autograde", SLUG, "--RunNotebook.timeout=4", "--RunNotebook.answer_timeout=2", ok=False)
    with Gradebook(course.coursedir.db_url) as gradebook:
        gradebook.find_comment("add_one", SLUG, SLUG, "partial").manual_comment = "Well *tried*."
        gradebook.find_submission_notebook(SLUG, SLUG, "partial").late_submission_penalty = 0.5
        gradebook.update_or_create_student("good", last_name="Li, Jr", first_name="小明")
        gradebook.db.commit()
    course.nbgrader("generate_feedback", SLUG)


@pytest.fixture(scope="module")
def rows(batch: TinyCourse) -> dict[str, ReportRow]:
    return {row.student: row for row in collect(batch.coursedir)}


def points(batch: TinyCourse, student: str) -> tuple[float | None, float | None]:
    """The automatic scores of add_one and double; None must mean that a person is asked."""
    grades = [batch.grade(student, exercise) for exercise in ("add_one", "double")]
    for grade in grades:
        assert grade.needs_manual_grade == (grade.auto_score is None)
    return grades[0].auto_score, grades[1].auto_score


@pytest.mark.slow
@pytest.mark.parametrize(
    ("student", "expected"),
    [
        ("good", (2, 2)),
        ("partial", (1, 2)),
        ("noisy", (2, 2)),
        ("slow", (2, 2)),
        ("loop", (0, 2)),
        ("deaf", (2, None)),
        ("dead", (2, None)),
        ("duplicate", (2, 2)),
        ("copied_check", (2, 2)),
        ("renamed", (2, 2)),
        ("stripped", (2, 2)),
        ("spoiled", (2, 2)),
        ("wrote_into_check", (2, 2)),
        ("markdown_check", (2, 2)),
        ("skipped", (2, 2)),
        ("no_check", (2, 2)),
        ("no_check_no_solution", (0, 2)),
        ("no_import", (None, None)),
        ("broken_function", (0, 2)),
        ("rebound", (None, None)),
        ("hidden", (2, 0)),
        ("foreign", (None, None)),
        ("other_lesson", (None, None)),
    ],
)
def test_points(batch: TinyCourse, student: str, expected: tuple) -> None:
    assert points(batch, student) == expected


@pytest.mark.slow
def test_only_what_cannot_be_read_is_left_out_of_the_batch(batch: TinyCourse) -> None:
    graded_students = {
        path.name for path in (batch.root / "autograded").iterdir() if any(path.rglob("*.ipynb"))
    }
    assert graded_students == set(SUBMISSIONS) - UNGRADED


@pytest.mark.slow
def test_duplicates_stay_as_ordinary_cells(batch: TinyCourse) -> None:
    nb = batch.autograded("duplicate")
    assert [cell.source for cell in nb.cells if "def add_one" in cell.source] == [
        "def add_one(x):\n    return x",
        ADD_ONE,
    ]
    assert "nbgrader" not in nb.cells[1].metadata
    assert nb.cells[2].metadata.nbgrader.grade_id == "add_one"
    assert len(notes.sentences(nb, "repairs")) == 1


@pytest.mark.slow
def test_a_students_text_in_a_check_cell_is_kept(batch: TinyCourse) -> None:
    nb = batch.autograded("wrote_into_check")
    assert "# my own words" in nb.cells[2].source
    assert nb.cells[-1].metadata.nbgrader.grade_id == "check_add_one"


@pytest.mark.slow
def test_a_dead_kernel_is_explained_in_the_students_language(batch: TinyCourse) -> None:
    nb = batch.autograded("dead")
    assert nb.metadata.course.lang == "ko"
    assert [cell.metadata.get("course", {}).get("state") for cell in nb.cells] == [None] * 4 + ["stopped"]
    assert nb.cells[-1].outputs[-1].ename == "NotebookStopped"
    assert len(nb.metadata.course.attention) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("student", "language"), [("good", "en"), ("korean", "ko"), ("portuguese", "pt"), ("dead", "ko")]
)
def test_language(batch: TinyCourse, rows: dict[str, ReportRow], student: str, language: str) -> None:
    assert rows[student].language == language
    lang = {"pt": "pt-BR"}.get(language, language)
    assert f'<html lang="{lang}">' in batch.feedback(student)


@pytest.mark.slow
def test_feedback_says_points_findings_penalty_and_comment(batch: TinyCourse) -> None:
    page = batch.feedback("partial")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("<body")[1]))
    assert "add_one · 1 / 2" in text
    assert "add_one(2) came back &lt;b&gt;wrong&lt;/b&gt;" in page
    assert "<code>answer</code>" in page
    assert "−0.5" in text and "2.5 / 4" in text
    assert "<em>tried</em>" in page
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{anchor}"' in page


@pytest.mark.slow
def test_feedback_shows_no_hidden_test(batch: TinyCourse) -> None:
    assert "double(10)" in (batch.root / "autograded/hidden" / SLUG / f"{SLUG}.ipynb").read_text()
    page = re.sub(r"<[^>]+>", "", batch.feedback("hidden"))
    assert "HIDDEN TESTS" not in page and "double(10)" not in page and "secret" not in page
    assert "AssertionError" in page


@pytest.mark.slow
def test_feedback_shows_no_path_of_this_machine(batch: TinyCourse) -> None:
    assert "json/decoder.py" in (batch.root / "autograded/paths" / SLUG / f"{SLUG}.ipynb").read_text()
    for student in set(SUBMISSIONS) - UNGRADED:
        page = re.sub(r"<[^>]+>", "", batch.feedback(student).split("<body")[1])
        for private in (sys.prefix, sys.base_prefix, str(ROOT), str(batch.root), "ipykernel_"):
            assert private not in page


@pytest.mark.slow
def test_feedback_runs_only_its_own_scripts(batch: TinyCourse) -> None:
    page = batch.feedback("good")
    nonce = re.search(r"'nonce-([\w-]+)'", page)[1]
    assert re.findall(r"<script[^>]*>", page) and all(
        nonce in tag for tag in re.findall(r"<script[^>]*>", page)
    )
    assert nonce not in batch.feedback("partial")


@pytest.mark.slow
def test_report(batch: TinyCourse, rows: dict[str, ReportRow]) -> None:
    assert set(rows) == set(SUBMISSIONS) | {"misnamed"}
    assert rows["good"] == ReportRow("good", SLUG, "en", 4.0, 4.0, GRADED, "")
    assert rows["partial"].points == 2.5
    asked = {student for student, row in rows.items() if row.status == NEEDS_ATTENTION}
    assert asked == UNGRADED | {"deaf", "dead", "no_import", "rebound", "foreign", "other_lesson"}
    words = {
        "deaf": "could not be interrupted",
        "dead": "kernel died in code cell 5",
        "no_import": "found no `check`",
        "rebound": "check_add_one",
        "foreign": "no exercise of " + SLUG,
        "other_lesson": "no exercise of " + SLUG,
        "damaged": "not valid JSON",
        "not_a_notebook": "not a Jupyter notebook",
        "misnamed": "homework (1).ipynb",
    }
    for student, said in words.items():
        assert said in rows[student].reason


@pytest.mark.slow
def test_export_quotes_and_tells_zero_from_ungraded(batch: TinyCourse) -> None:
    target = batch.root / "grades.csv"
    batch.nbgrader("export", f"--to={target}")
    with target.open(encoding="utf-8", newline="") as file:
        records = {record["student_id"]: record for record in csv.DictReader(file)}
    assert records["good"]["last_name"] == "Li, Jr" and records["good"]["first_name"] == "小明"
    assert (records["good"]["score"], records["good"]["status"]) == ("4.0", "graded")
    assert records["foreign"]["status"] == "needs_attention"


def test_feedback_does_not_explain_the_error_of_a_hidden_test() -> None:
    explanation = new_output("display_data", {"text/markdown": "`secret`"}, metadata={EXPLANATION: True})
    hidden = new_code_cell("### BEGIN HIDDEN TESTS\nsecret()\n### END HIDDEN TESTS", outputs=[explanation])
    shown = new_code_cell("secret()", outputs=[explanation])
    feedback.hide_hidden_tests(new_notebook(cells=[hidden, shown]))
    assert (hidden.outputs, shown.outputs) == ([], [explanation])


def check_cell(*outputs: NotebookNode) -> NotebookNode:
    cell = checker("add_one")
    cell.outputs = list(outputs)
    return cell


def verdict_output(kind: str = "execute_result", **changes) -> NotebookNode:
    verdict = {
        "exercise": f"{SLUG}.add_one",
        "passed": True,
        "points": 2.0,
        "max_points": 2.0,
        "findings": [],
    }
    return new_output(kind, {"text/plain": "2.0", VERDICT_MIME: verdict | changes})


def score(cell: NotebookNode) -> float | None:
    nb = notebook()
    notes.start_notes(nb)
    return save.score(nb, cell)


def test_points_come_from_the_verdict() -> None:
    assert score(check_cell(verdict_output())) == 2
    assert (
        score(check_cell(new_output("stream", name="stderr", text="noise"), verdict_output(points=0.5)))
        == 0.5
    )
    assert score(check_cell(verdict_output(points=5, max_points=5))) == 2  # the gradebook's maximum


@pytest.mark.parametrize("text", ["np.float64(1.0)", "False", "nan", "-1", "(1, 2)", "None", "7", "2.0", ""])
def test_printed_text_gives_no_points(text: str) -> None:
    assert score(check_cell(new_output("execute_result", {"text/plain": text}))) is None
    assert score(check_cell(new_output("stream", text=text))) is None


def test_nothing_printed_gives_no_points() -> None:
    assert score(check_cell()) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"points": float("nan")},
        {"points": -1},
        {"points": 2.5},
        {"points": True},
        {"points": None},
        {"points": "2"},
        {"points": 0, "max_points": 0},
        {"max_points": float("inf")},
        {"exercise": f"{SLUG}.double"},
        {"findings": "none"},
    ],
)
def test_a_malformed_verdict_gives_no_points(changes: dict) -> None:
    assert score(check_cell(verdict_output(**changes))) is None


def test_a_second_or_displayed_verdict_gives_no_points() -> None:
    assert score(check_cell(verdict_output("display_data"), verdict_output())) is None
    assert score(check_cell(verdict_output("display_data"))) is None


def test_an_error_gives_zero() -> None:
    assert (
        score(check_cell(new_output("error", ename="NameError", evalue="name 'add_one' is not defined"))) == 0
    )


def run(cells: list[NotebookNode], folder: Path | None = None, **options) -> NotebookNode:
    """The notebook after RunNotebook, in this process; the kernel's directory is `folder`."""
    nb = notebook()
    nb.cells = cells
    notes.start_notes(nb)
    resources = {"metadata": {"path": str(folder or "")}, "nbgrader": {"assignment": SLUG}}
    return RunNotebook(sandbox=False, **options).preprocess(nb, resources)[0]


def running(marker: str) -> list[psutil.Process]:
    """The live processes with `marker` on their command line."""
    live = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if marker in (process.info["cmdline"] or []) and process.info["status"] != psutil.STATUS_ZOMBIE:
            live.append(process)
    return live


@pytest.mark.slow
@pytest.mark.parametrize("end", ["", "os._exit(1)"])
def test_no_process_of_a_kernel_outlives_it(end: str) -> None:
    marker = f"{600 + os.getpid()}.25"
    start = f"import os, subprocess\nchild = subprocess.Popen(['sleep', '{marker}'], process_group=0)"
    nb = run([new_code_cell(start), new_code_cell(end), checker("add_one")])
    assert bool(nb.metadata.course.attention) == bool(end)
    assert not nb.cells[0].outputs
    assert not running(marker)


@pytest.mark.slow
def test_the_whole_notebook_has_a_limit_too() -> None:
    begin = time.monotonic()
    nb = run([new_code_cell("import time\ntime.sleep(60)"), checker("add_one")], notebook_timeout=2)
    assert time.monotonic() - begin < 30
    assert nb.cells[0].outputs[-1].ename == "CellTimeoutError"
    assert nb.cells[1].metadata.course.state == "not run"
    assert "was stopped before code cell 2" in notes.sentences(nb, "attention")[0]


@pytest.mark.slow
def test_output_has_a_limit_and_the_verdict_is_kept() -> None:
    flood = "def add_one(x):\n    for _ in range(3000): print('x' * 999)\n    return x + 1"
    nb = run([new_code_cell(SETUP), new_code_cell(flood), checker("add_one")], max_stream=5000)
    streams = [output.text for output in nb.cells[2].outputs if output.output_type == "stream"]
    assert 4000 < sum(map(len, streams)) < 6000
    assert "not kept" in "".join(streams)
    assert score(nb.cells[2]) == 2


@pytest.mark.slow
def test_the_kernel_speaks_the_students_language_and_tensorflow_is_quiet() -> None:
    show = "import os\nprint(os.environ['FEDCOURSE_LANG'], os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    nb = run([new_code_cell("use_language('zh')"), new_code_cell(show), checker("add_one")])
    assert nb.cells[1].outputs[0].text == "zh 3\n"


@pytest.mark.slow
def test_a_kernel_that_cannot_start_is_reported(tmp_path: Path) -> None:
    # A file that a student hands in beside the notebook can hide a module that is needed to run it.
    (tmp_path / "IPython.py").write_text("raise SystemExit(1)")
    nb = run([checker("add_one")], tmp_path)
    assert "kernel did not start" in notes.sentences(nb, "attention")[0]
    assert nb.cells[0].metadata.course.state == "not run"


def test_labels_are_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "_", lambda message: f"«{message}»")
    assert all(label.startswith("«") for label in feedback._labels("lesson").values())


def test_table_aligns_wide_letters(tmp_path: Path) -> None:
    rows = [
        ReportRow("小明", "lesson01", "zh", 3.0, 3.0, GRADED, ""),
        ReportRow("Li, Jr", "lesson01", "en", None, 3.0, NEEDS_ATTENTION, 'a "reason"'),
    ]
    lines = table(rows).split("\n")
    assert lines[1].startswith("小明     lesson01") and lines[2].startswith("Li, Jr   lesson01")
    write_csv(rows, tmp_path / "report.csv")
    with (tmp_path / "report.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert [record["student"] for record in read] == ["小明", "Li, Jr"]
    assert read[1]["reason"] == 'a "reason"' and read[1]["points"] == ""
