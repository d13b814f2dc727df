"""The demo, which is the whole path: release, hand in, grade, feed back, report."""

import csv
import subprocess

import pytest

from fedcourse.i18n import _, use_language
from fedgrader.course import ROOT
from tools import demo

LESSONS = ("lesson01_federated_data", "lesson06_fedavg_by_hand")
# student: points of the two lessons; None where nothing can be graded
POINTS = {
    "student01": (14, 16),
    "student02": (14, 16),
    "student03": (11, 10),
    "student04": (3, 4),
    "student05": (0, 0),
    "student06": (8, 8),
    "student07": (14, 16),
    "student08": (11, 13),
    "student09": (None, None),
    "student10": (0, 0),
}
ATTENTION = {"student06": "died", "student09": "JSON", "student10": "no exercise"}

pytestmark = [pytest.mark.slow(45), pytest.mark.xdist_group("demo")]


@pytest.fixture(scope="module")
def user(tmp_path_factory):
    """The home folder of whoever runs the demo, and the repository: what a learner may have written into."""
    home = tmp_path_factory.mktemp("user")
    (home / ".fedcourse").mkdir()
    (home / ".fedcourse" / "progress.sqlite").write_bytes(b"their progress")
    return home


@pytest.fixture(scope="module")
def before(user):
    return contents(user)


@pytest.fixture(scope="module")
def course(tmp_path_factory, user, before):
    """The demo's folder after one run."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("course") / "demo"
        patch.setattr(demo, "DEMO", folder)
        patch.setenv("HOME", str(user))
        patch.setenv("FEDCOURSE_HOME", str(user / ".fedcourse"))
        assert demo.main() == 0
    return folder


def contents(home):
    """Every file of the home folder and of the repository, less what tools keep in folders like `.venv`."""
    ours = subprocess.run(
        ["git", "ls-files", "--cached", "--others"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [name for name in ours.stdout.splitlines() if not name.startswith(".")]
    paths = [*home.rglob("*"), *(ROOT / name for name in names)]
    return {path: path.read_bytes() for path in paths if path.is_file() and path.suffix != ".pyc"}


def test_nothing_outside_of_its_folder_is_written(course, user, before):
    assert contents(user) == before


@pytest.fixture(scope="module")
def grades(course):
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {(row["student"], row["lesson"]): row for row in csv.DictReader(file)}


def test_a_folder_of_that_name_that_is_somebodys_is_left_alone(tmp_path, monkeypatch, capsys):
    note = tmp_path / "demo" / "en" / "lesson01.ipynb"
    note.parent.mkdir(parents=True)
    note.write_text("mine")
    monkeypatch.setattr(demo, "DEMO", tmp_path / "demo")
    assert demo.main() == 1
    assert "Move it away" in capsys.readouterr().err
    assert note.read_text() == "mine"


def test_everybody_gets_the_points_they_earned(grades):
    earned = {
        student: tuple(
            float(points) if (points := grades[student, lesson]["points"]) else None for lesson in LESSONS
        )
        for student in POINTS
    }
    assert earned == POINTS


def test_what_cannot_be_graded_needs_attention_and_says_why(grades):
    for (student, _lesson), row in grades.items():
        assert row["status"] == ("needs_attention" if student in ATTENTION else "graded")
        assert ATTENTION[student] in row["reason"] if student in ATTENTION else row["reason"] == ""


@pytest.mark.parametrize(
    ("student", "language", "html_language"),
    [
        ("student08", "en", "en"),
        ("student05", "zh", "zh-Hans"),
        ("student03", "ko", "ko"),
        ("student04", "pt", "pt-BR"),
    ],
)
def test_feedback_speaks_the_students_language(course, student, language, html_language):
    page = (course / "feedback" / student / LESSONS[1] / f"{LESSONS[1]}.html").read_text(encoding="utf-8")
    use_language(language)
    assert f'<html lang="{html_language}"' in page
    came_back = (
        _("Called: {called}. Came back: {got}. Expected: {expected}.").split("{called}")[1].split("{got}")[0]
    )
    assert came_back in page
    assert ("Came back" in page) == (language == "en")
    assert str(course) not in page


@pytest.mark.parametrize("width", [360, 1200], ids=["phone", "desk"])
def test_feedback_needs_no_sideways_scrolling(course, browser, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto((course / "feedback" / "student03" / LESSONS[1] / f"{LESSONS[1]}.html").as_uri())
    assert page.locator(".finding").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_a_submission_is_never_changed(course):
    for path in (course / "submitted").rglob("*.ipynb"):
        assert path.stat().st_size > 0
    assert len(list((course / "submitted").rglob("*.ipynb"))) == 2 * len(POINTS)
