"""The commands for instructors: `grade`, `doctor`."""

import argparse
import json
import sys
from pathlib import Path

from autograder.cli.commands import CANNOT, PASSED, Command
from fedcourse.i18n import N_, _


def _grade_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("lesson", metavar=_("LESSON"), help=_("for example {name}").format(name="lesson06_fedavg_by_hand"))
    add("--course", metavar="DIR", type=Path, default=Path(), help=_("nbgrader's course directory"))
    add(
        "--submitted",
        metavar="DIR",
        type=Path,
        help=_("the folder that holds <student>/<lesson>/<lesson>.ipynb"),
    )
    add("--out", metavar="DIR", type=Path, help=_("where outcomes are kept, to go on after a stop"))
    add("--workers", metavar="N", type=int, default=0, help=_("how many at a time; else one for each core"))
    add("--scheduler", metavar="tcp://HOST:PORT", default="", help=_("an existing Dask cluster"))
    add("--seed", type=int, help=_("draw the checks' inputs from this seed; else a fresh one"))
    add("--json", metavar="FILE", type=Path, help=_("write all outcomes as one JSON list"))
    add(
        "--unsafe-no-sandbox",
        action="store_true",
        help=_("run student code with all your rights; is recorded"),
    )


def _grade(options: argparse.Namespace) -> int:
    from autograder.course import CannotGrade, UnknownLesson
    from autograder.sandbox import host

    try:
        outcomes = _graded(options)
    except (UnknownLesson, CannotGrade, host.NoSandbox) as error:
        print(error, file=sys.stderr)
        return CANNOT
    finally:
        host.stop()
    if options.json:
        options.json.write_text(json.dumps(outcomes, ensure_ascii=False, indent=2), encoding="utf-8")
    waiting = [outcome for outcome in outcomes if outcome["status"] == "needs_attention"]
    print(
        _("{graded} graded, {waiting} need attention.").format(
            graded=len(outcomes) - len(waiting), waiting=len(waiting)
        )
    )
    for outcome in waiting:
        print(f"  {outcome['student']}: {outcome['reason']}")
    return PASSED


def _graded(options: argparse.Namespace) -> list[dict]:
    from autograder.course import load_course

    load_course().lesson(options.lesson)
    _get_ready(options)
    return _grade_course(options)


def _get_ready(options: argparse.Namespace) -> None:
    """Refuse to go on without a sandbox, or warn; have it get warm while this process goes on importing."""
    from autograder.sandbox import host

    if options.unsafe_no_sandbox:
        print(_("Warning: student code runs without a sandbox, with all your rights."), file=sys.stderr)
    elif options.scheduler:
        host.require_bubblewrap()
    else:
        host.sandbox()


def _grade_course(options: argparse.Namespace) -> list[dict]:
    import secrets

    from autograder.grading import Course, course_directory, grade_all

    coursedir = course_directory(options.course)
    root = Path(coursedir.root)
    course = Course(
        coursedir,
        options.lesson,
        options.submitted or root / coursedir.submitted_directory,
        options.out or root / "graded" / options.lesson,
    )
    seed = secrets.randbits(32) if options.seed is None else options.seed
    return grade_all(course, options.workers, options.scheduler, seed, not options.unsafe_no_sandbox)


def _doctor(options: argparse.Namespace) -> int:
    from fedcourse import doctor

    return doctor.run()


COMMANDS = (
    Command(
        "grade",
        N_("grade all submissions of a lesson, in a sandbox"),
        "grade lesson06_fedavg_by_hand --workers 4",
        _grade_arguments,
        _grade,
        N_("Stopped. The same command goes on where it was."),
    ),
    Command(
        "doctor",
        N_("say what is installed, what is missing, and how to mend it"),
        "doctor",
        lambda _parser: None,
        _doctor,
    ),
)
