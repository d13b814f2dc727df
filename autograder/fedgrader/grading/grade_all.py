"""Grade all submissions of a lesson: `fedcourse grade`.

Only the process that collects the outcomes writes: first into the gradebook, then the outcome's own file. So
an interrupted run goes on where it was, and nothing is recorded twice.
"""

import logging
import os
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import replace

from nbgrader.api import Gradebook
from sqlalchemy.exc import SAWarning
from tqdm import tqdm

from fedcourse.i18n import N_, _
from fedgrader.course import CannotGrade
from fedgrader.grading.grade import Outcome, Task, grade, most_points
from fedgrader.grading.submissions import Submissions
from fedgrader.running.sandbox import host

_log = logging.getLogger(__name__)
# nbgrader's own sessions flush early; nothing is lost by it, and the progress bar is.
warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
ATTEMPTS = 2
_MISNAMED = N_(
    "A folder's name is what the student is called in the gradebook. This one is too long, or holds "
    "characters that no name has, such as a line break. Rename it, and grade again."
)
_UNRECORDED = N_("What grading gave could not be recorded. Mend this, and grade again: {error}")


def grade_all(submissions: Submissions, workers: int, scheduler: str, seed: int, sandbox: bool) -> list[dict]:
    """Grade whatever is not graded yet; the outcomes of all submissions, as JSON data, sorted by student.

    Raises:
      CannotGrade: the lesson is not released, or nobody has handed in.
    """
    lesson, done, tasks = submissions.lesson(), {}, []
    students, misnamed = submissions.students()
    for name in misnamed:
        done[name] = Outcome(
            name, submissions.slug, most_points(lesson), seed, reason=_(_MISNAMED), sandboxed=sandbox
        ).to_json()
    with submissions.gradebook() as gradebook:
        for student in students:
            text, missing = submissions.read(student)
            if missing:
                outcome = Outcome(
                    student, submissions.slug, most_points(lesson), seed, reason=missing, sandboxed=sandbox
                )
                done[student] = _recorded(submissions, outcome, text, gradebook)
            elif known := submissions.finished(student, text):
                done[student] = known
            else:
                tasks.append(Task(student, lesson, text, seed, sandbox, submissions.limits()))
        with tqdm(total=len(tasks), desc=submissions.slug, unit="submission") as bar:
            for task, outcome in _graded(tasks, workers, scheduler):
                done[task.student] = _recorded(submissions, outcome, task.text, gradebook)
                bar.update()
    return [done[student] for student in sorted(done)]


def _recorded(submissions: Submissions, outcome: Outcome, text: str, gradebook: Gradebook) -> dict:
    """The outcome, recorded; where that fails, for a person to look at, and the next run tries again."""
    try:
        return submissions.record(outcome, text, gradebook)
    except Exception as error:  # whatever a submission or the machine leads to, the others go on
        _log.debug("%s: not recorded", outcome.student, exc_info=True)
        gradebook.db.rollback()
        said = str(error) if isinstance(error, CannotGrade) else f"{type(error).__name__}: {error}"
        lost = replace(outcome, reason=_(_UNRECORDED).format(error=said), scores={}, exercises=[])
        return lost.to_json()


def _graded(tasks: list[Task], workers: int, scheduler: str) -> Iterator[tuple[Task, Outcome]]:
    """Each task with its outcome, as they come. One that fails twice is given up."""
    for _attempt in range(ATTEMPTS):
        left = []
        with _executor(workers, scheduler) as executor:
            futures = {executor.submit(grade, task): task for task in tasks}
            for future in as_completed(futures):
                try:
                    outcome = future.result()
                except (
                    Exception
                ):  # the sandbox or a cluster's worker ended; clusters have errors of their own
                    _log.debug("%s: not graded", futures[future].student, exc_info=True)
                    left.append(futures[future])
                else:
                    yield futures[future], outcome
        tasks = left
    for task in tasks:
        reason = _("The grader's worker ended while it graded this notebook. Look at it by itself.")
        yield (
            task,
            Outcome(task.student, task.lesson.slug, most_points(task.lesson), task.seed, reason=reason),
        )


@contextmanager
def _executor(workers: int, scheduler: str) -> Iterator[Executor]:
    """This machine's processes, or an existing Dask cluster's."""
    if scheduler:
        from distributed import Client  # an optional dependency

        with Client(scheduler) as client:
            yield client.get_executor(pure=False, retries=ATTEMPTS)
    else:
        executor = ThreadPoolExecutor(workers or os.cpu_count())  # they wait for processes of their own
        try:
            yield executor
        except BaseException:  # interrupted: what is not done waits for the next run
            executor.shutdown(wait=False, cancel_futures=True)
            host.stop()
            raise
        finally:
            executor.shutdown()
