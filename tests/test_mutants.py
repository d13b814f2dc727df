"""Mutants of the solutions are made, differ, and are noticed: a sample of them (`make mutants` tries all)."""

import subprocess
import sys

import pytest

from fedgrader.course import ROOT, load_course
from tools.mutants import table, trial

EXERCISES = list(load_course().exercises())


@pytest.mark.parametrize("exercise", EXERCISES)
def test_there_are_many_of_every_kind_with_names_of_their_own(exercise):
    made = trial.mutants(exercise)
    names = [one.name for one in made]
    assert len(set(names)) == len(names) >= 15
    assert {"source", "contract"} <= {one.kind for one in made}


def test_those_that_may_pass_are_mutants_and_have_a_reason():
    for (exercise, name), why in table.equivalent().items():
        assert name in {one.name for one in trial.mutants(exercise)}
        assert len(why.split()) >= 4


@pytest.mark.slow(90)
def test_a_sample_is_noticed():
    command = [sys.executable, "-m", "tools.mutants", "lesson01", "--sample", "4", "--workers", "1"]
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("killed") == 4
