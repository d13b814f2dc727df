"""Names of older TFFs: each error is provoked, and each new name is there."""

import operator

import pytest
import tensorflow_federated as tff
from coach_mistakes import (
    Mistakes,
    assert_explained,
    unneeded,
)

from fedcourse.coach import explanations

MISTAKES: Mistakes = {
    "older name": (lambda: tff.tf_computation, "write `tff.tensorflow.computation`"),
    "older name in tff.learning": (
        lambda: tff.learning.build_federated_averaging_process,
        "write `tff.learning.algorithms.build_weighted_fed_avg`",
    ),
    "name that is gone": (lambda: tff.framework.sizing_executor_factory, "has no `sizing_executor_factory`"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_older_names_are_explained(mistake: str):
    assert_explained(*MISTAKES[mistake])


def test_every_explanation_of_older_names_is_needed():
    assert not unneeded(explanations.older_names.TABLE, MISTAKES)


def test_what_an_older_name_is_now_exists():
    for now in explanations.older_names.RENAMED.values():
        if now.startswith("tff."):
            name, _call, _arguments = now.removeprefix("tff.").partition("(")
            assert operator.attrgetter(name)(tff)
