"""What the study commands say."""

from wcwidth import wcswidth

from fedcourse.i18n import _
from fedgrader.checking.looks import as_text, number
from fedgrader.study.notebook_run import Checked, StudyNotebook
from fedgrader.study.progress import LessonProgress

BAR_WIDTH = 20


def bar(done: float, most: float) -> str:
    """A bar of which the share `done` of `most` is filled."""
    filled = int(BAR_WIDTH * done / most) if most else 0
    return "█" * filled + "░" * (BAR_WIDTH - filled)


def checked(check: Checked) -> str:
    """A verdict, below the error that may be behind it."""
    says_more = not (check.verdict.passed or check.verdict.untouched)
    return "\n".join(filter(None, [says_more and check.error, as_text(check.verdict)]))


def summary(notebook: StudyNotebook, checks: list[Checked]) -> str:
    """How far the notebook is, in a line."""
    passed = sum(check.verdict.passed for check in checks)
    exercises = notebook.lesson.exercises
    return f"{bar(passed, len(exercises))} " + _("{passed} of {exercises} exercises passed").format(
        passed=passed, exercises=len(exercises)
    )


def all_checked(notebook: StudyNotebook, checks: list[Checked]) -> str:
    """The end of `fedcourse check NOTEBOOK`."""
    return "\n".join(filter(None, [summary(notebook, checks), notebook.stopped, _missing(notebook, checks)]))


def what_next(notebook: StudyNotebook, checks: list[Checked]) -> str:
    """What `fedcourse watch` says after a save: how far, and the one thing to do next."""
    lines = [summary(notebook, checks)]
    if checks and not checks[-1].verdict.passed:
        verdict = checks[-1].verdict
        lines += [checked(checks[-1]), notebook.stopped]
        lines.append(
            _("Next: get `{name}` right and save. For a hint: fedcourse hint {exercise}").format(
                name=verdict.exercise.split(".")[1], exercise=verdict.exercise
            )
        )
    elif missing := _missing(notebook, checks):
        lines += [notebook.stopped, missing]
    else:
        lines.append(_("All exercises of this lesson are passed. On with the next: fedcourse lab"))
    return "\n".join(filter(None, lines))


def _missing(notebook: StudyNotebook, checks: list[Checked]) -> str:
    """Which exercises were not come to, and why."""
    seen = {check.verdict.exercise.split(".")[1] for check in checks}
    missing = [exercise.name for exercise in notebook.lesson.exercises if exercise.name not in seen]
    if not missing or notebook.stopped:
        return ""
    return _("No check cell for {names}: take it from a new copy of the lesson.").format(
        names=", ".join(missing)
    )


def progress_table(lessons: list[LessonProgress]) -> str:
    """A row a lesson: name, bar, exercises, points, guesses."""
    rows = [_row(one) for one in lessons]
    widths = [max(map(wcswidth, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - wcswidth(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )


def _row(one: LessonProgress) -> list[str]:
    return [
        one.lesson.slug,
        bar(one.points, one.lesson.max_points),
        _("{passed} of {exercises} exercises passed").format(
            passed=one.passed, exercises=len(one.lesson.exercises)
        ),
        _("{points} of {max_points} points").format(
            points=number(one.points), max_points=number(one.lesson.max_points)
        ),
        _("{right} of {guessed} guesses right").format(right=one.guessed_right, guessed=one.guessed)
        if one.guessed
        else "",
    ]


def progress_data(lessons: list[LessonProgress]) -> list[dict]:
    """The same as JSON data."""
    return [
        {
            "lesson": one.lesson.slug,
            "exercises": len(one.lesson.exercises),
            "passed": one.passed,
            "points": one.points,
            "max_points": one.lesson.max_points,
            "guessed": one.guessed,
            "guessed_right": one.guessed_right,
        }
        for one in lessons
    ]
