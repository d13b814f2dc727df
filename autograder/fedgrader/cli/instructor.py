"""The commands for instructors: `course`, `grade`, `report`, `doctor`."""

import argparse
import json
from pathlib import Path

from fedcourse.i18n import N_, _
from fedcourse.texts import visible
from fedgrader.cli.commands import CANNOT, PASSED, Command, tell

# --- grade ---


def _grade_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("lesson", metavar=_("LESSON"), help=_("its number or name"))
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
    from fedgrader.running.sandbox import host

    try:
        outcomes = _graded(options)
    except host.NoSandbox as error:
        tell(str(error))
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
        print(f"  {visible(outcome['student'])}: {visible(outcome['reason'])}")
    return PASSED


def _graded(options: argparse.Namespace) -> list[dict]:
    from fedgrader.course import load_course

    options.lesson = load_course().find(options.lesson).lesson.slug
    _get_ready(options)
    return _grade_course(options)


def _get_ready(options: argparse.Namespace) -> None:
    """Refuse to go on without a sandbox, or warn; have it get warm while this process goes on importing."""
    from fedgrader.running.sandbox import host

    if options.unsafe_no_sandbox:
        tell(_("Warning: student code runs without a sandbox, with all your rights."))
    elif options.scheduler:
        host.require_bubblewrap()
    else:
        host.sandbox()


def _grade_course(options: argparse.Namespace) -> list[dict]:
    import secrets

    from fedgrader.grading.grade_all import grade_all
    from fedgrader.grading.submissions import Submissions, course_directory

    coursedir = course_directory(options.course)
    root = Path(coursedir.root)
    submissions = Submissions(
        coursedir,
        options.lesson,
        options.submitted or root / coursedir.submitted_directory,
        options.out or root / "graded" / options.lesson,
    )
    seed = secrets.randbits(32) if options.seed is None else options.seed
    return grade_all(submissions, options.workers, options.scheduler, seed, not options.unsafe_no_sandbox)


# --- course, report ---


def _course_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar=_("FOLDER"), type=Path, help=_("a new folder"))


def _course(options: argparse.Namespace) -> int:
    from fedgrader.grading.course_folder import make_course_folder

    make_course_folder(options.folder)
    text = _("{folder} is ready. Go there, and give out a lesson: {command}")
    command = "nbgrader generate_assignment lesson01_federated_data"
    print(text.format(folder=options.folder, command=command))
    return PASSED


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--course", metavar="DIR", type=Path, default=Path(), help=_("nbgrader's course directory")
    )
    parser.add_argument("--csv", metavar="FILE", type=Path, help=_("write the table as a CSV file too"))


def _report(options: argparse.Namespace) -> int:
    from fedgrader.grading.report import collect, table, write_csv
    from fedgrader.grading.submissions import course_directory, has_gradebook

    coursedir = course_directory(options.course)
    if not has_gradebook(coursedir):
        text = _("No lesson is released in {folder} yet. Name the course's folder with `--course DIR`.")
        tell(text.format(folder=options.course.resolve()))
        return CANNOT
    rows = collect(coursedir)
    print(table(rows))
    if options.csv:
        write_csv(rows, options.csv)
    return PASSED


# --- doctor ---


def _doctor(options: argparse.Namespace) -> int:
    from fedcourse import doctor

    return doctor.run()


COMMANDS = (
    Command(
        "course",
        N_("make a folder to give out, collect and grade in"),
        "course my-class",
        _course_arguments,
        _course,
    ),
    Command(
        "grade",
        N_("grade all submissions of a lesson, in a sandbox"),
        "grade lesson06_fedavg_by_hand --workers 4",
        _grade_arguments,
        _grade,
        N_("Stopped. The same command goes on where it was."),
    ),
    Command(
        "report",
        N_("show who has which points, and whom you must look at"),
        "report --csv grades.csv",
        _report_arguments,
        _report,
    ),
    Command(
        "doctor",
        N_("say what is installed, what is missing, and how to mend it"),
        "doctor",
        lambda _parser: None,
        _doctor,
    ),
)
