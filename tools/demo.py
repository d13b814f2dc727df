"""The whole path at once: `python -m tools.demo` (`make demo`).

Builds the lessons, releases them with nbgrader, lets a small fictitious class in four languages hand in,
grades everything in the sandbox, writes feedback in each student's language, and prints who has which points.
It all stays in `demo/`, an nbgrader course of its own, which each run makes anew: nothing else is written, so
that a learner's notebooks and progress are as they were.
"""

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from tqdm import tqdm
from traitlets.config import Config

from fedgrader.course import ROOT, Lesson, load_course
from fedgrader.grading.grade import NEEDS_ATTENTION
from fedgrader.grading.grade_all import grade_all
from fedgrader.grading.report import collect, table, write_csv
from fedgrader.grading.submissions import Submissions
from fedgrader.running.sandbox.host import NoSandbox, require_bubblewrap
from tools import build
from tools.classroom import CLASS, hand_in

DEMO = ROOT / "demo"
MARK = ".made-by-make-demo"  # only what has it is removed; `make clean` looks for it, too
LESSONS = ("lesson01_federated_data", "lesson06_fedavg_by_hand")  # two show everything, and soon


class DemoStepFailed(RuntimeError):
    """A step of the demo failed; the message names its log."""


def main() -> int:
    """Run the demo; its exit code."""
    lessons = tuple(load_course().lesson(slug) for slug in LESSONS)
    if DEMO.exists() and not (DEMO / MARK).exists():
        print(
            f"{DEMO} is not what an earlier demo made. Move it away, then run the demo again.",
            file=sys.stderr,
        )
        return 1
    shutil.rmtree(DEMO, ignore_errors=True)
    (DEMO / "logs").mkdir(parents=True)
    (DEMO / MARK).touch()
    _stay_inside()
    try:
        _build(lessons)
        for lesson in tqdm(lessons, "Releasing"):
            _nbgrader("generate_assignment", lesson)
        for lesson in lessons:
            for student in CLASS:
                hand_in(student, lesson, DEMO / "submitted", DEMO / "lessons")
        _grade(lessons)
        for lesson in tqdm(lessons, "Writing feedback"):
            _nbgrader("generate_feedback", lesson)
    except DemoStepFailed as error:
        print(error, file=sys.stderr)
        return 1
    _report()
    return 0


def _stay_inside() -> None:
    """Have this process and all that it starts keep what is the user's in a folder of the demo's own."""
    home = DEMO / "home"
    home.mkdir()
    os.environ |= {"HOME": str(home), "FEDCOURSE_HOME": str(home / ".fedcourse")}


def _build(lessons: tuple[Lesson, ...]) -> None:
    """Build the lessons into the demo. Raises DemoStepFailed where a source is wrong."""
    print("Building the lessons in four languages")
    errors: list[str] = []
    files = build.outputs(ROOT, errors.append)
    if errors:
        raise DemoStepFailed("\n".join(errors))
    for path, content in files.items():
        if path.suffix == ".ipynb" and path.stem in {lesson.slug for lesson in lessons}:
            built = DEMO / path.relative_to(ROOT)
            built.parent.mkdir(parents=True, exist_ok=True)
            built.write_bytes(content)


def _grade(lessons: tuple[Lesson, ...]) -> None:
    sandbox = True
    try:
        require_bubblewrap()
    except NoSandbox as error:  # the class is our own, so the demo may go on without
        print(error, file=sys.stderr)
        sandbox = False
    for lesson in lessons:
        outcomes = DEMO / "graded" / lesson.slug
        submissions = Submissions(_coursedir(), lesson.slug, DEMO / "submitted", outcomes)
        grade_all(submissions, workers=0, scheduler="", seed=secrets.randbits(32), sandbox=sandbox)


def _coursedir() -> CourseDirectory:
    return CourseDirectory(config=Config({"CourseDirectory": {"root": str(DEMO)}}))


def _nbgrader(step: str, lesson: Lesson) -> None:
    """Run one nbgrader command in the demo course, its output in a log. Raises DemoStepFailed."""
    log = DEMO / "logs" / f"{step}-{lesson.slug}.log"
    command = [sys.executable, "-m", "nbgrader", step, lesson.slug, f"--CourseDirectory.root={DEMO}"]
    # nbgrader starts alembic as a program, so the environment's own programs come first.
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    with log.open("w", encoding="utf-8") as output:
        # From the root, where nbgrader finds its configuration.
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        )
    if ended.returncode:
        raise DemoStepFailed(f"nbgrader {step} {lesson.slug} ended with {ended.returncode}; its log is {log}")


def _report() -> None:
    rows = collect(_coursedir())
    write_csv(rows, DEMO / "grades.csv")
    waiting = sum(row.status == NEEDS_ATTENTION for row in rows)
    print(f"\n{table(rows)}\n")
    print(f"{len(rows)} submissions, {waiting} need attention: the last column says why.")
    print("Look next at")
    for path, what in (
        ("feedback", "what each student gets back, in the student's language"),
        ("grades.csv", "this table"),
        ("gradebook.db", "nbgrader's gradebook; `nbgrader formgrader` opens it"),
        ("graded", "what was found in each submission, as JSON"),
        ("logs", "what nbgrader said"),
    ):
        print(f"  {os.path.relpath(DEMO / path, ROOT):20} {what}")


if __name__ == "__main__":
    sys.exit(main())
