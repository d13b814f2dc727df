"""The nbgrader plug-ins: what gives points and what does not, and how a report is laid out."""

import csv
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader_course import SLUG, checker

from fedcourse.coach import EXPLANATION
from fedgrader.checking.looks import VERDICT_MIME
from fedgrader.grading import feedback_page
from fedgrader.grading.grade import GRADED, NEEDS_ATTENTION
from fedgrader.grading.points import scores
from fedgrader.grading.report import ReportRow, table, write_csv
from fedgrader.running.notes import start_notes


def test_feedback_does_not_explain_the_error_of_a_hidden_test() -> None:
    explanation = new_output("display_data", {"text/markdown": "`secret`"}, metadata={EXPLANATION: True})
    hidden = new_code_cell("### BEGIN HIDDEN TESTS\nsecret()\n### END HIDDEN TESTS", outputs=[explanation])
    shown = new_code_cell("secret()", outputs=[explanation])
    feedback_page.hide_hidden_tests(new_notebook(cells=[hidden, shown]))
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
    """What the cell earns in a notebook that has no other graded cell."""
    nb = new_notebook(cells=[cell])
    start_notes(nb)
    [points] = scores(nb).values()
    return points


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
        {"points": 10**400, "max_points": 10**401},
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


def test_labels_are_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback_page, "_", lambda message: f"«{message}»")
    assert all(label.startswith("«") for label in feedback_page._labels("lesson").values())


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
