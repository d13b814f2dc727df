"""What the study commands say."""

from wcwidth import wcswidth

from fedcourse.i18n import _
from fedgrader.checking.looks import as_text
from fedgrader.checking.looks import number as as_number
from fedgrader.study.notebook_run import Checked, StudyNotebook
from fedgrader.study.progress import LessonProgress

BAR_WIDTH = 20
_SHORT_BAR = 6


def bar(done: float, most: float, width: int = BAR_WIDTH) -> str:
    """A bar of `width` columns of which the share `done` of `most` is filled."""
    filled = int(width * done / most) if most else 0
    return "█" * filled + "░" * (width - filled)


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


def all_checked(notebook: StudyNotebook, checks: list[Checked], wanted: set[str]) -> str:
    """The end of `fedcourse check` on the exercises `wanted`; of one, the verdict has said enough."""
    is_whole = wanted == set(notebook.lesson.exercise_names)
    lines = [summary(notebook, checks) if is_whole else "", notebook.stopped]
    return "\n".join(filter(None, [*lines, _missing(notebook, checks, wanted)]))


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
    elif missing := _missing(notebook, checks, set(notebook.lesson.exercise_names)):
        lines += [notebook.stopped, missing]
    else:
        lines.append(_("All exercises of this lesson are passed. On with the next: fedcourse lab"))
    return "\n".join(filter(None, lines))


def _missing(notebook: StudyNotebook, checks: list[Checked], wanted: set[str]) -> str:
    """Which of the exercises `wanted` were not come to, and why."""
    missing = wanted - {check.verdict.exercise for check in checks}
    if not missing or notebook.stopped:
        return ""
    names = [name.split(".")[1] for name in notebook.lesson.exercise_names if name in missing]
    text = _("No check cell for {names}. `fedcourse update {lesson}` puts it back into your notebook.")
    return text.format(names=", ".join(names), lesson=notebook.lesson.slug)


def progress_table(lessons: list[LessonProgress]) -> str:
    """A row a lesson: number and name, bar, exercises, points, guesses; at most 60 columns wide."""
    head = [_("lesson"), "", _("exercises"), _("points"), _("guesses")]
    rows = [head, *(_row(number, one) for number, one in enumerate(lessons, 1))]
    widths = [max(map(wcswidth, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - wcswidth(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )


def _row(number: int, one: LessonProgress) -> list[str]:
    return [
        f"{number} {one.lesson.slug.partition('_')[2]}",
        bar(one.points, one.lesson.max_points, _SHORT_BAR),
        f"{one.passed}/{len(one.lesson.exercises)}",
        f"{as_number(one.points)}/{as_number(one.lesson.max_points)}",
        f"{one.guessed_right}/{one.guessed}" if one.guessed else "",
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
