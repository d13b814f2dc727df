"""The nbgrader plug-ins with nbgrader's own commands: a class of odd submissions, graded in one batch."""

import csv
import re
import sys

import pytest
from nbgrader.api import Gradebook
from nbgrader_course import ADD_ONE, ROOT, SLUG, TinyCourse, notebook
from nbgrader_submissions import SUBMISSIONS

from fedgrader.grading.grade import GRADED, NEEDS_ATTENTION
from fedgrader.grading.report import ReportRow, collect
from fedgrader.running import notes

UNGRADED = {"damaged", "not_a_notebook", "misnamed"}


# Both need as long as they may; how soon an interrupt is obeyed is up to the machine, and never is never.
ENDLESS = {
    "loop": ("--RunNotebook.timeout=6", "--RunNotebook.answer_timeout=300"),
    "deaf": ("--RunNotebook.timeout=6", "--RunNotebook.answer_timeout=1"),
}

pytestmark = [pytest.mark.slow(50), pytest.mark.xdist_group("nbgrader")]


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> TinyCourse:
    """All submissions handed in, graded and fed back with the commands an instructor types."""
    course = TinyCourse(tmp_path_factory.mktemp("nbgrader_course"))
    for student, nb in SUBMISSIONS.items():
        course.submit(student, nb)
    course.submit("misnamed", notebook(), name="homework (1)")
    course.nbgrader("generate_assignment", SLUG)
    course.nbgrader("autograde", SLUG, f"--CourseDirectory.student_id_exclude={','.join(ENDLESS)}", ok=False)
    for student, limits in ENDLESS.items():
        course.nbgrader("autograde", SLUG, f"--student={student}", *limits)
    comment_and_penalize(course)
    course.nbgrader("generate_feedback", SLUG)
    return course


def comment_and_penalize(course: TinyCourse) -> None:
    with Gradebook(course.coursedir.db_url) as gradebook:
        gradebook.find_comment("add_one", SLUG, SLUG, "partial").manual_comment = "Well *tried*."
        gradebook.find_submission_notebook(SLUG, SLUG, "partial").late_submission_penalty = 0.5
        gradebook.update_or_create_student("good", last_name="Li, Jr", first_name="小明")
        gradebook.db.commit()


@pytest.fixture(scope="module")
def rows(batch: TinyCourse) -> dict[str, ReportRow]:
    return {row.student: row for row in collect(batch.coursedir)}


def points(batch: TinyCourse, student: str) -> tuple[float | None, float | None]:
    """The automatic scores of add_one and double; None must mean that a person is asked."""
    grades = [batch.grade(student, exercise) for exercise in ("add_one", "double")]
    for grade in grades:
        assert grade.needs_manual_grade == (grade.auto_score is None)
    return grades[0].auto_score, grades[1].auto_score


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


def test_only_what_cannot_be_read_is_left_out_of_the_batch(batch: TinyCourse) -> None:
    graded_students = {
        path.name for path in (batch.root / "autograded").iterdir() if any(path.rglob("*.ipynb"))
    }
    assert graded_students == set(SUBMISSIONS) - UNGRADED


def test_duplicates_stay_as_ordinary_cells(batch: TinyCourse) -> None:
    nb = batch.autograded("duplicate")
    assert [cell.source for cell in nb.cells if "def add_one" in cell.source] == [
        "def add_one(x):\n    return x",
        ADD_ONE,
    ]
    assert "nbgrader" not in nb.cells[1].metadata
    assert nb.cells[2].metadata.nbgrader.grade_id == "add_one"
    assert len(notes.sentences(nb, "repairs")) == 1


def test_a_students_text_in_a_check_cell_is_kept(batch: TinyCourse) -> None:
    nb = batch.autograded("wrote_into_check")
    assert "# my own words" in nb.cells[2].source
    assert nb.cells[-1].metadata.nbgrader.grade_id == "check_add_one"


def test_a_dead_kernel_is_explained_in_the_students_language(batch: TinyCourse) -> None:
    nb = batch.autograded("dead")
    assert nb.metadata.course.lang == "ko"
    assert [cell.metadata.get("course", {}).get("state") for cell in nb.cells] == [None] * 4 + ["stopped"]
    assert nb.cells[-1].outputs[-1].ename == "NotebookStopped"
    assert len(nb.metadata.course.attention) == 1


@pytest.mark.parametrize(
    ("student", "language"), [("good", "en"), ("korean", "ko"), ("portuguese", "pt"), ("dead", "ko")]
)
def test_language(batch: TinyCourse, rows: dict[str, ReportRow], student: str, language: str) -> None:
    assert rows[student].language == language
    lang = {"pt": "pt-BR"}.get(language, language)
    assert f'<html lang="{lang}">' in batch.feedback(student)


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


def test_feedback_shows_no_hidden_test(batch: TinyCourse) -> None:
    assert "double(10)" in (batch.root / "autograded/hidden" / SLUG / f"{SLUG}.ipynb").read_text()
    page = re.sub(r"<[^>]+>", "", batch.feedback("hidden"))
    assert "HIDDEN TESTS" not in page and "double(10)" not in page and "secret" not in page
    assert "AssertionError" in page


def test_feedback_shows_no_path_of_this_machine(batch: TinyCourse) -> None:
    assert "json/decoder.py" in (batch.root / "autograded/paths" / SLUG / f"{SLUG}.ipynb").read_text()
    for student in set(SUBMISSIONS) - UNGRADED:
        page = re.sub(r"<[^>]+>", "", batch.feedback(student).split("<body")[1])
        for private in (sys.prefix, sys.base_prefix, str(ROOT), str(batch.root), "ipykernel_"):
            assert private not in page


def test_feedback_runs_only_its_own_scripts(batch: TinyCourse) -> None:
    page = batch.feedback("good")
    nonce = re.search(r"'nonce-([\w-]+)'", page)[1]
    assert re.findall(r"<script[^>]*>", page) and all(
        nonce in tag for tag in re.findall(r"<script[^>]*>", page)
    )
    assert nonce not in batch.feedback("partial")


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


def test_export_quotes_and_tells_zero_from_ungraded(batch: TinyCourse) -> None:
    target = batch.root / "grades.csv"
    batch.nbgrader("export", f"--to={target}")
    with target.open(encoding="utf-8", newline="") as file:
        records = {record["student_id"]: record for record in csv.DictReader(file)}
    assert records["good"]["last_name"] == "Li, Jr" and records["good"]["first_name"] == "小明"
    assert (records["good"]["score"], records["good"]["status"]) == ("4.0", "graded")
    assert records["foreign"]["status"] == "needs_attention"
