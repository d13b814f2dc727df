"""The lessons themselves, run from top to bottom in a real kernel."""

import re

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.course import load_course
from autograder.feedback import VERDICT_MIME
from tools.classroom import Student, completed

LESSONS = load_course().lessons

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("lessons")]

RUNS = [(lesson, language) for lesson in LESSONS for language in ("en", "ko")]


def run(nb: nbformat.NotebookNode, allow_errors: bool = False) -> nbformat.NotebookNode:
    NotebookClient(nb, timeout=120, allow_errors=allow_errors).execute()
    return nb


def outputs(nb: nbformat.NotebookNode) -> list:
    return [output for cell in nb.cells if cell.cell_type == "code" for output in cell.outputs]


def printed(nb: nbformat.NotebookNode, stream: str = "stdout") -> str:
    return "".join(output.text for output in outputs(nb) if output.get("name") == stream)


def verdicts(nb: nbformat.NotebookNode) -> dict[str, dict]:
    found = [output.data[VERDICT_MIME] for output in outputs(nb) if VERDICT_MIME in output.get("data", {})]
    return {verdict["exercise"]: verdict for verdict in found}


@pytest.fixture(scope="module")
def solved():
    """Each lesson with the reference solutions, run once a language and kept."""
    done = {}

    def solved(lesson, language):
        if (lesson.slug, language) not in done:
            done[lesson.slug, language] = run(completed(Student("reference", language, "all right"), lesson))
        return done[lesson.slug, language]

    return solved


def first_number(pattern: str, text: str) -> float:
    return float(re.search(pattern, text).group(1))


@pytest.mark.parametrize(("lesson", "language"), RUNS, ids=lambda value: getattr(value, "slug", value))
def test_the_reference_earns_everything_and_nothing_complains(solved, lesson, language):
    nb = solved(lesson, language)
    assert printed(nb, "stderr") == ""
    found = verdicts(nb)
    assert set(found) == {f"{lesson.slug}.{exercise.name}" for exercise in lesson.exercises}
    for exercise in lesson.exercises:
        verdict = found[f"{lesson.slug}.{exercise.name}"]
        assert (verdict["passed"], verdict["points"], verdict["language"]) == (
            True,
            exercise.points,
            language,
        )


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
def test_an_untouched_notebook_earns_nothing_and_says_what_to_do(lesson):
    nb = run(completed(Student("blank", "pt", "blank", all_blank=True), lesson), allow_errors=True)
    found = verdicts(nb)
    assert len(found) == len(lesson.exercises)
    for verdict in found.values():
        assert verdict["points"] == 0 and verdict["language"] == "pt"
        assert "NotImplementedError" in verdict["findings"][0]["message"]


def test_federated_averaging_by_hand_learns_and_equals_tff_learning(solved):
    [lesson] = [lesson for lesson in LESSONS if lesson.slug == "lesson06_fedavg_by_hand"]
    said = printed(solved(lesson, "en"))
    assert first_number(r"before training, on strangers: (\d+)%", said) < 20
    assert first_number(r"after 30 rounds: ([\d.]+)% on clients nobody", said) > 85
    assert first_number(r"largest difference in any weight after 5 rounds: (\S+)", said) < 1e-6
    assert "without tf.function: 0.0" in said and "with tf.function:    5.0" in said


def test_computations_are_recorded_once_and_run_from_bytes(solved):
    [lesson] = [lesson for lesson in LESSONS if lesson.slug == "lesson05_computations"]
    said = printed(solved(lesson, "en"))
    assert said.count("Python's print saw Tensor") == 1 and said.count("\ntf.print saw ") == 6
    drawn = [row.split(", ") for row in re.findall(r"random, \w+ run: +\[(.*)\]", said)]
    assert [len(set(numbers)) > 1 for numbers in drawn] == [False, False, True, True]
    assert drawn[0] == drawn[1] and drawn[2] != drawn[3]
    assert "in Python:  is 21 degrees hot? True" in said and "is 21 degrees hot? False" in said
    mean_of_means = first_number(r"mean of phones' means:  ([\d.]+)", said)
    assert first_number(r"mean of all readings:   ([\d.]+)", said) > mean_of_means + 4
    assert "down: []   up: ['<total=float32,count=float32>']" in said
    assert "as measured: 0.25\ncorrected:   0.375" in said and said.endswith("float32@SERVER)\n0.375\n")
    assert 1_000 < first_number(r"bytes of (\d+) bytes", said) < 10_000
    assert [answer == "True" for answer in re.findall(r" in it: (\w+)", said)] == [True, True, *[False] * 3]
    assert re.search(r"Const .* 30\.0\n", said)
