"""The check of `update_metrics`, lesson 3."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson03_custom_model import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same
from fedgrader.guest.problem import Problem

harness = Harness("lesson03_custom_model.update_metrics")


@exercise(
    parts={
        N_("counts the examples"): 1,
        N_("counts those that are read right"): 1,
        N_("adds up the loss, example by example"): 2,
    },
    hints=(
        N_(
            "After two batches, one of 8 examples and one of 3, what must stand in each counter? Say it in "
            "words first. How much of `loss_sum` comes from the second batch?"
        ),
        N_(
            "`output.loss` is the average of n losses, so their sum is `output.loss` times n. A guess is "
            "`tf.argmax(output.predictions, axis=1, output_type=tf.int32)`; compare it with the labels by "
            "`tf.equal`. And `assign_add` adds to what is there."
        ),
        N_(
            "`n = tf.cast(output.num_examples, tf.float32)`; `variables.num_examples.assign_add(n)`; "
            "`variables.loss_sum.assign_add(output.loss * n)`; `variables.num_correct.assign_add("
            'tf.reduce_sum(tf.cast(tf.equal(guesses, batch["y"]), tf.float32)))`.'
        ),
    ),
    why=N_(
        "Three plain sums, and any number of batches goes into them in any order. Had you kept averages, the "
        "small last batch would count as much as a full one, and nobody could mend that later: an "
        "average has "
        "forgotten how many it speaks for."
    ),
)
def update_metrics(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    sizes, right = _sizes_and_right(rng)
    batches = [maths.digits(rng, size) for size in sizes]
    outputs = [_output(rng, batch["y"], num_right) for batch, num_right in zip(batches, right, strict=True)]
    before = shared.variables(rng, counted=True)
    got = answer.ask(harness.update_metrics, variables=before, batches=batches, outputs=outputs)
    called = _(
        "update_metrics(variables, batch, output) on a batch of {many} examples, then on one of {few}"
    ).format(many=sizes[0], few=sizes[1])
    problem = shared.field_problem(called, got)
    if problem:
        yield N_("counts the examples"), problem
        return
    counters = {
        name: _Counter(name, float(before[name]), [step[name] for step in got["result"]])
        for name in shared.COUNTERS
    }
    yield (
        N_("counts the examples"),
        _examples_problem(called, counters["num_examples"], sizes, right)
        or _weights_problem(called, got["result"], before),
    )
    yield (
        N_("counts those that are read right"),
        _correct_problem(called, counters["num_correct"], right, sizes),
    )
    yield (
        N_("adds up the loss, example by example"),
        _loss_sum_problem(called, counters["loss_sum"], [output["loss"] for output in outputs], sizes),
    )


def _sizes_and_right(rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """The sizes of two batches, a large one and a small one, and how many examples of each are read right."""
    sizes = [int(rng.choice([7, 8, 9, 11, 12])), int(rng.integers(3, 6))]
    while True:
        right = [int(rng.integers(2, sizes[0] - 1)), int(rng.integers(1, sizes[1]))]
        if all(2 * r != n for r, n in zip(right, sizes, strict=True)):
            return sizes, right


def _output(rng: np.random.Generator, labels: np.ndarray, num_right: int) -> dict:
    """A batch's output in which `num_right` examples, anywhere, have their highest score at their label."""
    number = len(labels)
    misread = rng.permutation(np.arange(number) >= num_right)
    aimed = np.where(misread, (labels + rng.integers(1, 10, number)) % 10, labels)
    scores = rng.normal(0, 1, (number, 10)) + rng.uniform(-4, 4, (number, 1))
    highest = scores.max(axis=1) + rng.uniform(0.2, 2, number)
    scores[np.arange(number), aimed] = highest
    loss = np.float32(shared.losses(scores, labels).mean())
    return {"loss": loss, "predictions": scores.astype(np.float32), "num_examples": np.int32(number)}


def _weights_problem(called: str, steps: list[dict], before: dict) -> Problem | None:
    changed = [
        name
        for name in ("kernel", "bias")
        if not all(np.array_equal(step[name], before[name]) for step in steps)
    ]
    if not changed:
        return None
    return Problem(
        called,
        _("other values in {names}").format(names=", ".join(f"`{name}`" for name in changed)),
        _("`kernel` and `bias` as they were"),
        _("Only the three counters grow here. The weights are moved by the training loop."),
    )


@dataclass(frozen=True)
class _Counter:
    """A counter's name, what it held before, and what it holds after each of the two batches."""

    name: str
    before: float
    after: list

    def shown(self, first: float, second: float) -> dict:
        """What it holds when the batches have added `first` and `second`."""
        return self._named(self.before + first, self.before + first + second)

    def _named(self, first: float, second: float) -> dict:
        name = self.name
        return {_("{name} after the first batch").format(name=name): first, _("after the second"): second}

    def problem(self, called: str, added: list, otherwise: str, mistakes=()) -> Problem | None:
        """A problem where the two batches have not `added` this to it."""
        forgets = _(
            "`{name}` forgets the batch before: `assign` writes over what is there. `assign_add` adds to it."
        ).format(name=self.name)
        return judge(
            called,
            self._named(*self.after),
            self.shown(*added),
            otherwise,
            (
                (self.shown(0.0, 0.0), self.untouched),
                (self._named(*added), forgets),
                *((self.shown(*wrong), hint) for wrong, hint in mistakes),
                *((self._named(*wrong), forgets) for wrong, _hint in mistakes),
            ),
        )

    @property
    def untouched(self) -> str:
        return _("`{name}` stays as it was. Add to it: `variables.{name}.assign_add(…)`.").format(
            name=self.name
        )


def _examples_problem(called: str, counter: _Counter, sizes: list, right: list) -> Problem | None:
    return counter.problem(
        called,
        sizes,
        _("`num_examples` grows by the number of examples in the batch, `output.num_examples`."),
        (
            ((1.0, 1.0), _("This counts batches. Count the examples in them.")),
            ([10 * n for n in sizes], _("These are all scores, ten an image. Count the images.")),
            ([784 * n for n in sizes], _("These are pixels. An example is one image.")),
            (right, _("`num_examples` counts all examples, not only those that were read right.")),
        ),
    )


def _correct_problem(called: str, counter: _Counter, right: list, sizes: list) -> Problem | None:
    if same(counter.after, [counter.before] * 2):
        return Problem(
            called=called,
            got=describe({"num_correct": counter.after[-1]}),
            expected=describe({"num_correct": counter.before + sum(right)}),
            hint=_(
                "`num_correct` stays as it was. If nothing adds to it, add. If something does, compare "
                "with `tf.equal`: "
                "where TFF records a model, `==` asks whether two tensors are one and the same object."
            ),
        )
    return counter.problem(
        called,
        right,
        _("`num_correct` grows by the number of examples whose highest score is at their label."),
        (
            (
                [r / n for r, n in zip(right, sizes, strict=True)],
                _("You add up accuracies. Add up how many are right; the division comes at the very end."),
            ),
            (
                [n - r for r, n in zip(right, sizes, strict=True)],
                _("These are the examples that were read wrongly. Count the right ones."),
            ),
            (sizes, _("Every example is counted as right. Compare the guesses with the labels.")),
            ((1.0, 1.0), _("This counts batches. Count the examples that were read right.")),
        ),
    )


def _loss_sum_problem(called: str, counter: _Counter, losses: list, sizes: list) -> Problem | None:
    first, second = (float(loss) for loss in losses)
    return counter.problem(
        called,
        [first * sizes[0], second * sizes[1]],
        _("`loss_sum` grows by the losses of all examples in the batch: their average times their number."),
        (
            (
                (first, second),
                _(
                    "You add up the batches' average losses, so the batch of {few} says as much as the "
                    "batch of {many}. Multiply each by its number of examples."
                ).format(few=sizes[1], many=sizes[0]),
            ),
            (
                (first / sizes[0], second / sizes[1]),
                _(
                    "`output.loss` is divided by the number of examples already. Multiply to get the "
                    "sum back."
                ),
            ),
            (
                (first * sizes[0] * 10, second * sizes[1] * 10),
                _("You count each image ten times, once a score."),
            ),
        ),
    )
