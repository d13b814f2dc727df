"""The check of `update_metrics`, lesson 3."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson03_custom_model import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe
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
    sizes, right = (8, 3), (5, 2)
    batches = [maths.digits(rng, size) for size in sizes]
    outputs = [_output(rng, batch["y"], num_right) for batch, num_right in zip(batches, right, strict=True)]
    got = answer.ask(
        harness.update_metrics, variables=shared.variables(rng), batches=batches, outputs=outputs
    )
    called = _("update_metrics(variables, batch, output) on a batch of 8 examples, then on one of 3")
    problem = shared.field_problem(called, got)
    if problem:
        yield N_("counts the examples"), problem
        return
    after = {name: [float(step[name]) for step in got["result"]] for name in shared.COUNTERS}
    yield N_("counts the examples"), _examples_problem(called, after["num_examples"], sizes)
    yield N_("counts those that are read right"), _correct_problem(called, after["num_correct"], right, sizes)
    yield (
        N_("adds up the loss, example by example"),
        _loss_sum_problem(called, after["loss_sum"], [output["loss"] for output in outputs], sizes),
    )


def _output(rng: np.random.Generator, labels: np.ndarray, num_right: int) -> dict:
    """A batch's output in which `num_right` examples have their highest score at their label."""
    aimed = labels.copy()
    aimed[num_right:] = (labels[num_right:] + rng.integers(1, 10, len(labels) - num_right)) % 10
    scores = (rng.normal(0, 0.3, (len(labels), 10)) + 4 * np.eye(10)[aimed]).astype(np.float32)
    loss = np.float32(shared.losses(scores, labels).mean())
    return {"loss": loss, "predictions": scores, "num_examples": np.int32(len(labels))}


def _counter_problem(
    called: str, name: str, got: list, added: list, otherwise: str, mistakes=()
) -> Problem | None:
    """A problem where a counter that began at 0 is not what the two batches have `added`."""

    def shown(first, second):
        return {_("{name} after the first batch").format(name=name): first, _("after the second"): second}

    named = [(shown(first, first + second), hint) for (first, second), hint in mistakes]
    named += [(shown(first, second), _forgets(name)) for (first, second), _hint in mistakes]
    return judge(
        called,
        shown(*got),
        shown(added[0], sum(added)),
        otherwise,
        (
            (shown(0.0, 0.0), _untouched_counter(name)),
            (shown(added[0], added[1]), _forgets(name)),
            *named,
        ),
    )


def _forgets(name: str) -> str:
    return _(
        "`{name}` forgets the batch before: `assign` writes over what is there. `assign_add` adds to it."
    ).format(name=name)


def _untouched_counter(name: str) -> str:
    return _("`{name}` stays at 0. Add to it: `variables.{name}.assign_add(…)`.").format(name=name)


def _examples_problem(called: str, got: list, sizes: tuple) -> Problem | None:
    return _counter_problem(
        called,
        "num_examples",
        got,
        list(sizes),
        _("`num_examples` grows by the number of examples in the batch, `output.num_examples`."),
        (
            ((1.0, 1.0), _("This counts batches. Count the examples in them.")),
            ((80.0, 30.0), _("These are all scores, ten an image. Count the images.")),
            ((8.0 * 784, 3.0 * 784), _("These are pixels. An example is one image.")),
            ((5.0, 2.0), _("`num_examples` counts all examples, not only those that were read right.")),
        ),
    )


def _correct_problem(called: str, got: list, right: tuple, sizes: tuple) -> Problem | None:
    if got == [0.0, 0.0]:
        return Problem(
            called=called,
            got=describe({"num_correct": 0.0}),
            expected=describe({"num_correct": float(sum(right))}),
            hint=_(
                "`num_correct` stays at 0. If nothing adds to it, add. If something does, compare "
                "with `tf.equal`: "
                "where TFF records a model, `==` asks whether two tensors are one and the same object."
            ),
        )
    shares = tuple(r / n for r, n in zip(right, sizes, strict=True))
    return _counter_problem(
        called,
        "num_correct",
        got,
        list(right),
        _("`num_correct` grows by the number of examples whose highest score is at their label."),
        (
            (
                shares,
                _("You add up accuracies. Add up how many are right; the division comes at the very end."),
            ),
            (
                tuple(float(n - r) for r, n in zip(right, sizes, strict=True)),
                _("These are the examples that were read wrongly. Count the right ones."),
            ),
            ((8.0, 3.0), _("Every example is counted as right. Compare the guesses with the labels.")),
            ((1.0, 1.0), _("This counts batches. Count the examples that were read right.")),
        ),
    )


def _loss_sum_problem(called: str, got: list, losses: list, sizes: tuple) -> Problem | None:
    first, second = (float(loss) for loss in losses)
    return _counter_problem(
        called,
        "loss_sum",
        got,
        [first * sizes[0], second * sizes[1]],
        _("`loss_sum` grows by the losses of all examples in the batch: their average times their number."),
        (
            (
                (first, second),
                _(
                    "You add up the batches' average losses, so the batch of 3 says as much as the "
                    "batch of 8. "
                    "Multiply each by its number of examples."
                ),
            ),
            (
                (first / sizes[0], second / sizes[1]),
                _(
                    "`output.loss` is divided by the number of examples already. Multiply to get the "
                    "sum back."
                ),
            ),
            ((first * 80, second * 30), _("You count each image ten times, once a score.")),
        ),
    )
