"""The check of `label_counts`, lesson 1."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson01_federated_data import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.problem import Problem

harness = Harness("lesson01_federated_data.label_counts")


@exercise(
    parts={N_("counts every label"): 2, N_("keeps a place for digits that do not occur"): 1},
    hints=(
        N_(
            'Go through the dataset with a `for` loop. Each element is one image: `element["label"]` '
            "is its digit."
        ),
        N_(
            "Start from ten zeros and add 1 in the right place; or collect all labels and let numpy "
            "count them."
        ),
        N_(
            "`np.bincount(labels, minlength=10)` counts integers; `minlength` keeps the places of "
            "absent ones."
        ),
    ),
    why=N_(
        "Ten places for everyone makes the counts of different clients comparable: you can "
        "subtract them, add them up and plot them side by side. A client who never writes a 7 "
        "still says so, with a 0."
    ),
)
def label_counts(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    sizes = rng.choice(np.arange(1, 16), 10, replace=False)
    everything = rng.permutation(np.repeat(np.arange(10), sizes))
    digits = np.sort(rng.choice(8, 3, replace=False))  # not 8: places up to it are those up to 8
    some = rng.permutation(np.repeat(digits, rng.permutation([1, 2, 4])))
    yield N_("counts every label"), _count_problem(answer, rng, everything, _("all ten digits"))
    alone = _("the digits {digits} alone").format(digits=", ".join(map(str, digits)))
    yield (
        N_("keeps a place for digits that do not occur"),
        _count_problem(answer, rng, some, alone) or _single_problem(answer, rng),
    )


def _single_problem(answer: AnswerHandle, rng: np.random.Generator) -> Problem | None:
    labels = rng.integers(0, 9, 1)
    got = answer.ask(harness.label_counts, **shared.examples(rng, labels))
    return judge(
        _("label_counts(dataset of a single image of the digit {digit})").format(digit=labels[0]),
        _as_array(got),
        np.bincount(labels, minlength=10),
        _("Return an array of ten counts; the count of digit d stands at index d."),
    )


def _count_problem(answer: AnswerHandle, rng: np.random.Generator, labels, content: str) -> Problem | None:
    got = answer.ask(harness.label_counts, **shared.examples(rng, labels))
    counts = np.bincount(labels, minlength=10)
    present = counts[counts > 0]
    short = _("The places of absent digits are missing. The answer has ten places, whoever the client is.")
    return judge(
        _("label_counts(dataset of {number} images with {content})").format(
            number=len(labels), content=content
        ),
        _as_array(got),
        counts,
        _("Return an array of ten counts; the count of digit d stands at index d."),
        (
            (counts / counts.sum(), _("These are shares. Return counts.")),
            (present, short),
            (np.bincount(labels), short),
            (None, _("Nothing came back. End the function with `return` and the result.")),
            (counts[:9], _("The last place, for digit 9, is missing: `range(9)` ends at 8.")),
            (
                np.histogram(labels, bins=range(10))[0],
                _("Digits 8 and 9 share a place. Ten counts need eleven edges: `range(11)`."),
            ),
            (np.eye(10)[labels[0]], _("Only the first image is counted. Is there a `return` in the loop?")),
            (
                np.roll(counts, 1),
                _("Everything is one place too far to the right: digit 0 belongs at index 0."),
            ),
            (
                np.roll(counts, -1),
                _("Everything is one place too far to the left: digit 0 belongs at index 0."),
            ),
            (
                np.sort(counts)[::-1],
                _("The counts are sorted by size. Keep them in the order of the digits."),
            ),
            (np.sort(counts), _("The counts are sorted by size. Keep them in the order of the digits.")),
            (len(labels), _("This is how many images there are. Count each digit on its own.")),
            (labels, _("These are the labels themselves. Count them.")),
            ((counts > 0).astype(int), _("This says which digits occur. Count how often.")),
            (
                {str(d): c for d, c in enumerate(counts) if c},
                _("Return an array of ten numbers, not a dict."),
            ),
            ({str(d): c for d, c in enumerate(counts)}, _("Return an array of ten numbers, not a dict.")),
        ),
    )


def _as_array(got):
    """A list of numbers as an array; all else as it is."""
    flat = isinstance(got, list) and all(
        np.shape(item) == () and not isinstance(item, dict | str) for item in got
    )
    return np.asarray(got) if flat else got
