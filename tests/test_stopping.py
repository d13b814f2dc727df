"""Answers that do not end are stopped, whatever they do against it, and so is whatever a person stops."""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable

import pytest
import tensorflow as tf

import fedgrader.guest.answers
import fedgrader.guest.stopping
from fedcourse import check, runtime
from fedgrader.guest.answers import AnswerFailed, guarded

COUNTS = "lesson01_federated_data.label_counts"


def hangs(dataset=None):
    while True:
        pass


def sleeps():
    while True:
        time.sleep(10)


def swallows_and_tries_again():
    while True:
        try:  # noqa: SIM105, another swallows with `suppress`
            time.sleep(10)
        except BaseException:
            pass


def swallows_in_two_places():
    while True:
        try:  # noqa: SIM105
            swallows_and_tries_again()
        except BaseException:
            pass


def swallows_all_in_a_with_block():
    while True:
        with contextlib.suppress(BaseException):
            hangs()


def swallows_once():
    try:
        time.sleep(10)
    except BaseException:
        hangs()


def keeps_it():
    kept = []
    while True:
        try:
            time.sleep(10)
        except BaseException as error:
            kept.append(error)


def turns_it_into_another():
    try:
        hangs()
    except BaseException as error:
        raise ValueError("another") from error


@tf.function
def loops_in_a_graph():
    total = tf.constant(0.0)
    for _element in tf.data.Dataset.range(3).repeat():
        total += 1.0
    return total


LOOPS = [
    hangs,
    sleeps,
    swallows_and_tries_again,
    swallows_in_two_places,
    swallows_all_in_a_with_block,
    swallows_once,
    keeps_it,
    turns_it_into_another,
    loops_in_a_graph,
]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fedgrader.guest.answers, "DEADLINE_SECONDS", 1)
    monkeypatch.setattr(fedgrader.guest.stopping, "_LOOK_SECONDS", 0.1)


def as_before() -> tuple:
    """What a guard must leave as it was."""
    handlers = signal.getsignal(signal.SIGALRM), signal.getsignal(signal.SIGINT)
    fd = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(fd)
    return *handlers, fd, sys.gettrace(), signal.getitimer(signal.ITIMER_REAL)


@pytest.mark.parametrize("loop", LOOPS)
def test_what_does_not_end_is_stopped_at_its_deadline(loop: Callable, impatient):
    before = as_before()
    with pytest.raises(AnswerFailed) as caught:
        guarded("mine", loop)
    assert caught.value.problem.got.startswith("no answer within 1 seconds")
    assert as_before() == before


@pytest.mark.parametrize("loop", LOOPS)
def test_somebody_who_stops_it_is_obeyed(loop: Callable):
    before = as_before()
    stopper = threading.Timer(0.5, signal.raise_signal, [signal.SIGINT])  # as Jupyter's stop button does
    stopper.start()
    with pytest.raises(KeyboardInterrupt) as caught:
        guarded("mine", loop)
    assert type(caught.value) is KeyboardInterrupt
    assert as_before() == before


def test_what_ends_in_time_is_left_alone(impatient):
    """Also what swallows an exception of its own, and what cleans up behind it."""

    def answer():
        with contextlib.suppress(KeyError):
            raise KeyError
        return 7

    before = as_before()
    assert guarded("mine", answer) == 7
    assert as_before() == before


def test_cleaning_up_is_not_disturbed(impatient):
    cleaned = []

    def answer():
        try:
            hangs()
        finally:
            cleaned.extend(number for number in range(3))
            cleaned.append("done")

    with pytest.raises(AnswerFailed):
        guarded("mine", answer)
    assert cleaned == [0, 1, 2, "done"]


def test_it_is_said_which_loops_sleep(impatient):
    with pytest.raises(AnswerFailed) as caught:
        guarded("mine", sleeps)
    assert "slept" in caught.value.problem.got and "time.sleep" in caught.value.problem.hint


def test_in_another_thread_nothing_is_stopped_and_nothing_fails(impatient):
    answers: list = []
    thread = threading.Thread(target=lambda: answers.append(guarded("mine", lambda: 7)))
    thread.start()
    thread.join()
    assert answers == [7]


def test_where_nothing_reaches_it_is_said_what_to_do(impatient, monkeypatch, capsys):
    """A loop in C code that TensorFlow cannot cancel, here one that ends after all."""
    monkeypatch.setattr(fedgrader.guest.stopping, "_HELPLESS_SECONDS", 0.5)

    def deaf():
        signal.signal(signal.SIGALRM, lambda *_: None)  # as if Python never came to it
        for _look in range(3000):
            time.sleep(0.1)
            if "Restart the kernel" in capsys.readouterr().out:
                return "told"

    assert guarded("mine", deaf) == "told"


def test_after_an_endless_loop_in_tff_the_next_answer_is_checked_as_ever(monkeypatch: pytest.MonkeyPatch):
    from solutions import lesson06_fedavg_by_hand as solutions

    @tf.function
    def endless(weights, dataset, learning_rate):
        return solutions.client_update(weights, dataset.repeat(), learning_rate)

    runtime.start()  # as the set-up cell does
    name = "lesson06_fedavg_by_hand.client_update"
    check(name, solutions.client_update)  # the first call is slower, and its deadline is not the point
    with monkeypatch.context() as impatient:
        impatient.setattr(fedgrader.guest.answers, "DEADLINE_SECONDS", 5)
        assert "no answer within" in check(name, endless).verdict.findings[0].problem.got
    assert check(name, solutions.client_update).verdict.passed
