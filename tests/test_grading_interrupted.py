"""`fedcourse grade` interrupted, limited, late: nothing is lost, and nothing is done twice."""

import os
import signal

import psutil
import pytest
from grading_class import SLUG, WRONG, Class
from nbgrader.api import Gradebook
from processes import PATIENCE, running, until

pytestmark = [
    pytest.mark.slow(60),
    pytest.mark.xdist_group("grading interrupted"),
    pytest.mark.usefixtures("nothing_stays"),
]
FOR_EVER = "import time; time.sleep(10**6)"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_is_taken_up_again(students: Class, how):
    for name in ("a", "b"):
        students.hand_in(name)
    for name in ("c", "d"):  # both workers will be busy with these
        students.hand_in(name, first=FOR_EVER)
    first = students.start()
    until(lambda: len(students.times()) == 2 or first.poll() is not None)
    first.send_signal(how)
    assert first.wait(timeout=PATIENCE) == (130 if how == signal.SIGINT else -how)
    assert ("goes on where it was" in students.log()) == (how == signal.SIGINT)
    assert "Traceback" not in students.log()
    before = students.times()
    assert set(before) == {"a", "b"}
    students.hand_in("a", WRONG)
    for name in ("c", "d"):
        students.hand_in(name)

    outcomes = students.grade()
    points = {name: outcome["points"] for name, outcome in outcomes.items()}
    assert 0 < points.pop("a") < 14
    assert points == {"b": 14, "c": 14, "d": 14}
    regraded = {name for name, written in before.items() if students.times()[name] != written}
    assert regraded == {"a"}
    totals = {name: sum(scores.values()) for name, scores in students.scores().items()}
    assert totals == {name: outcome["points"] for name, outcome in outcomes.items()}


def test_a_killed_sandbox_loses_nothing(students: Class):
    marker = f"{10**6 + os.getpid()}.5"  # seconds, of which the test lets only some pass
    for name in ("a", "b"):
        students.hand_in(name)
    students.hand_in("c", first=f"import subprocess; subprocess.run(['sleep', '{marker}'])")
    run = students.start()
    until(lambda: run.poll() is not None or (len(students.times()) == 2 and running(marker)))
    before, sleepers = students.times(), running(marker)
    for process in psutil.Process(run.pid).children():
        process.kill()
    until(lambda: run.poll() is not None or set(running(marker)) - set(sleepers))  # in a new sandbox
    for process in running(marker):
        process.kill()
    outcomes = students.finish(run)
    assert {name: outcome["points"] for name, outcome in outcomes.items()} == dict.fromkeys("abc", 14)
    assert set(students.scores()) == {"a", "b", "c"}
    assert {name: students.times()[name] for name in before} == before


def test_limits_are_those_of_the_configuration(students: Class):
    students.hand_in("slow", first=FOR_EVER)
    students.configure("c = get_config()\nc.RunNotebook.timeout = 1\nc.RunNotebook.answer_timeout = 300\n")
    assert students.grade()["slow"]["seconds"] >= 1
    assert "1 seconds are allowed" in students.graded_cells("slow")[0].outputs[-1].evalue


def test_late_work_costs_what_nbgrader_says_as_long_as_it_is_late(students: Class):
    students.hand_in("late")
    (students.root / "submitted" / "late" / SLUG / "timestamp.txt").write_text("2026-01-02 00:00:00 UTC")
    students.configure(
        """
from nbgrader.plugins import LateSubmissionPlugin
class TwoPoints(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 2.0
c = get_config()
c.AssignLatePenalties.plugin_class = TwoPoints
"""
    )
    for due, penalty in (("2026-01-01", 2), ("2026-01-03", None)):
        with Gradebook(f"sqlite:///{students.root}/gradebook.db") as gradebook:
            gradebook.update_or_create_assignment(SLUG, duedate=f"{due} 00:00:00 UTC")
        students.grade()
        with Gradebook(f"sqlite:///{students.root}/gradebook.db") as gradebook:
            submission = gradebook.find_submission(SLUG, "late")
            assert (submission.score, submission.late_submission_penalty) == (14, penalty or 0)
        (students.out / "late.json").unlink()  # so that it is graded again
