"""The command `fedcourse`."""

import argparse
import json
import sys
from pathlib import Path

from fedcourse.i18n import LANGUAGES, _, use_language

PASSED, NOT_PASSED, CANNOT_CHECK = 0, 1, 2
INTERRUPTED = 130  # as shells say it


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    options = _parser().parse_args(arguments)
    if options.lang:
        use_language(options.lang)
    return options.run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fedcourse", description="The course on federated learning.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = _command(
        commands, "check", _check, "check the answer to an exercise that stands in a Python file"
    )
    check.add_argument(
        "exercise", metavar="EXERCISE", help="for example lesson06_fedavg_by_hand.client_update"
    )
    check.add_argument(
        "--answer", metavar="FILE.py", type=Path, required=True, help="the file that defines the answer"
    )
    check.add_argument("--json", action="store_true", help="print the verdict as JSON")
    grade = _command(commands, "grade", _grade, "grade all submissions of a lesson, in a sandbox")
    grade.add_argument("lesson", metavar="LESSON", help="for example lesson06_fedavg_by_hand")
    grade.add_argument(
        "--course", metavar="DIR", type=Path, default=Path(), help="nbgrader's course directory"
    )
    grade.add_argument(
        "--submitted", metavar="DIR", type=Path, help="holds <student>/<lesson>/<lesson>.ipynb"
    )
    grade.add_argument(
        "--out", metavar="DIR", type=Path, help="where outcomes are kept, to go on after a stop"
    )
    grade.add_argument(
        "--workers", metavar="N", type=int, default=0, help="processes; else one for each core"
    )
    grade.add_argument("--scheduler", metavar="tcp://HOST:PORT", default="", help="an existing Dask cluster")
    grade.add_argument("--seed", type=int, help="draw the checks' inputs from this seed; else a fresh one")
    grade.add_argument("--json", metavar="FILE", type=Path, help="write all outcomes as one JSON list")
    grade.add_argument(
        "--unsafe-no-sandbox", action="store_true", help="run student code with all your rights; is recorded"
    )
    _command(commands, "doctor", _doctor, "say what is installed, what is missing, and how to mend it")
    return parser


def _command(commands, name: str, run, description: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=description, description=description)
    command.add_argument("--lang", choices=LANGUAGES, help="language of the messages; else the locale's")
    command.set_defaults(run=run)
    return command


def _check(options: argparse.Namespace) -> int:
    from autograder.check_file import check_file
    from autograder.course import UnknownExercise

    try:
        verdict, text = check_file(options.exercise, options.answer)
    except (UnknownExercise, OSError) as error:
        _print_error(str(error), options)
        return CANNOT_CHECK
    print(json.dumps(verdict, ensure_ascii=False, indent=2) if options.json else text)
    return PASSED if verdict["passed"] else NOT_PASSED


def _print_error(message: str, options: argparse.Namespace) -> None:
    """To stderr, except where a program reads JSON from stdout."""
    if options.json:
        print(json.dumps({"exercise": options.exercise, "error": message}, ensure_ascii=False))
    else:
        print(message, file=sys.stderr)


def _grade(options: argparse.Namespace) -> int:
    from autograder.course import UnknownLesson
    from autograder.grading import CannotGrade
    from autograder.sandbox.host import NoSandbox

    try:
        outcomes = _graded(options)
    except (UnknownLesson, CannotGrade, NoSandbox) as error:
        print(error, file=sys.stderr)
        return CANNOT_CHECK
    except KeyboardInterrupt:
        print(_("Stopped. The same command goes on where it was."), file=sys.stderr)
        return INTERRUPTED
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
    import secrets

    from autograder.course import load_course
    from autograder.grading import Course, course_directory, grade_all
    from autograder.sandbox.host import require_bubblewrap

    load_course().lesson(options.lesson)
    sandbox = not options.unsafe_no_sandbox
    if sandbox:
        require_bubblewrap()
    else:
        print(_("Warning: student code runs without a sandbox, with all your rights."), file=sys.stderr)
    coursedir = course_directory(options.course)
    root = Path(coursedir.root)
    course = Course(
        coursedir,
        options.lesson,
        options.submitted or root / coursedir.submitted_directory,
        options.out or root / "graded" / options.lesson,
    )
    seed = secrets.randbits(32) if options.seed is None else options.seed
    return grade_all(course, options.workers, options.scheduler, seed, sandbox)


def _doctor(options: argparse.Namespace) -> int:
    from fedcourse import doctor

    return doctor.run()


if __name__ == "__main__":
    sys.exit(main())
