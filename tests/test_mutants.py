"""Mutants of the solutions are made, differ, and are noticed: a sample of them (`make mutants` tries all)."""

import collections
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff

from fedcourse import runtime
from fedgrader.course import ROOT, load_course
from tools.mutants import table, trial
from tools.mutants.behaviour import Effect, _remembering
from tools.mutants.leaves import on_numbers

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


@pytest.mark.parametrize("placement", [tff.SERVER, tff.CLIENTS])
def test_a_change_reaches_the_numbers_that_tff_places(placement):
    runtime.start()

    pair = collections.OrderedDict(a=np.float32, b=np.int32)

    @tff.federated_computation(tff.FederatedType(pair, placement))
    def doubled(value):
        return on_numbers(value, lambda number: number * 2)

    given = {"a": 1.5, "b": 3}
    got = doubled(given if placement is tff.SERVER else [given])
    [changed] = [got] if placement is tff.SERVER else got
    assert changed == {"a": 3.0, "b": 6}


def test_a_plain_number_is_changed_while_tensorflow_traces():
    with tf.Graph().as_default():
        assert on_numbers(1.5, lambda number: number * 2) == 3.0


def test_what_tff_only_traces_cannot_be_remembered():
    seen = []

    @tff.tensorflow.computation(np.float32)
    def traced(number):
        answer = _remembering(lambda value: value + 1.0, effect := Effect(), 0, "first")
        seen.append(effect)
        return answer(number)

    assert traced.type_signature.result == tff.TensorType(np.float32)
    assert seen[0].differences == 0
