"""The check of `client_update`, lesson 6."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson06_fedavg_by_hand import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, shape_of
from fedgrader.guest.problem import Problem

harness = Harness("lesson06_fedavg_by_hand.client_update")


def _train(weights: dict, batches: list[dict], rate: float, **how) -> dict:
    for batch in batches:
        weights = maths.each(lambda w, g: w - rate * g, weights, maths.gradient(weights, batch, **how))
    return weights


@exercise(
    parts={
        N_("returns the weights and the number of examples"): 1,
        N_("takes one step on one batch"): 1,
        N_("trains on every batch, from the weights it is given"): 2,
        N_("counts the examples, also where there are none"): 1,
    },
    hints=(
        N_(
            "Two things are carried from one batch to the next, and they are also what you return. Which two?"
        ),
        N_(
            "For one batch: compute `loss(weights, batch)` inside `tf.GradientTape()`, after "
            "`tape.watch(weights)`; take `tape.gradient`; then subtract `learning_rate` times "
            "the gradient from each weight."
        ),
        N_(
            "`weights = tf.nest.map_structure(lambda w, g: w - learning_rate * g, weights, "
            "gradients)` makes the step. Put it in `for batch in dataset:`, add "
            '`tf.cast(tf.shape(batch["y"])[0], tf.float32)` to a count that starts at '
            "`tf.constant(0.0)`, and return both in an `OrderedDict`."
        ),
    ),
    why=N_(
        "Nothing in your function knows about the other clients, or about the server: "
        "weights come in, data stays, weights go out. That is all a phone ever does in "
        "federated averaging. The number of examples goes along so that the server can weigh "
        "this client's opinion."
    ),
)
def client_update(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    rate, start, clients = round(float(rng.uniform(0.01, 0.05)), 4), shared.weights(rng), _clients(rng)
    got = answer.ask(harness.client_update, weights=start, clients=clients, learning_rate=rate)
    problems = [
        _client_output_problem(one, start, _called(batches, rate))
        for one, batches in zip(got, clients, strict=True)
    ]
    yield N_("returns the weights and the number of examples"), next(filter(None, problems), None)
    if not all(map(_is_client_output, got)):
        return
    yield N_("takes one step on one batch"), _one_step_problem(got[0]["weights"], start, clients[0], rate)
    problems = [
        _every_batch_problem(one["weights"], start, batches, rate)
        for one, batches in zip(got[1:], clients[1:], strict=True)
    ]
    yield N_("trains on every batch, from the weights it is given"), next(filter(None, problems), None)
    counts = [
        _count_problem(one["num_examples"], batches, rate) for one, batches in zip(got, clients, strict=True)
    ]
    [idle] = answer.ask(harness.client_update, weights=start, clients=[[]], learning_rate=rate)
    yield (
        N_("counts the examples, also where there are none"),
        next(filter(None, counts), None) or _idle_problem(idle, start, rate),
    )


def _clients(rng: np.random.Generator) -> list[list[dict]]:
    """The batches of three clients: one; several, the last smaller; many small ones, the last of 1."""
    size = int(rng.integers(12, 18))
    many = [int(rng.integers(2, 5))] * int(rng.integers(11, 14))
    sizes = ([size], [size, size, int(rng.integers(4, size - 2))], [*many, 1])
    return [[maths.digits(rng, n) for n in client] for client in sizes]


def _called(batches: list[dict], rate: float) -> str:
    return _("client_update(weights, dataset of batches with {sizes} examples, learning_rate={rate})").format(
        sizes=", ".join(str(len(batch["y"])) for batch in batches) or 0, rate=rate
    )


def _is_client_output(got) -> bool:
    if not (
        isinstance(got, dict) and set(got) == {"weights", "num_examples"} and _is_weights(got["weights"])
    ):
        return False
    return shape_of(got["num_examples"]) == ()


def _is_weights(got) -> bool:
    shapes = {"kernel": (784, 10), "bias": (10,)}
    return isinstance(got, dict) and {name: shape_of(value) for name, value in got.items()} == shapes


def _client_output_problem(got, start: dict, called: str) -> Problem | None:
    if _is_client_output(got):
        return shared.form_problem(called, got["weights"], start)
    return Problem(
        called=called,
        got=describe(got),
        expected="OrderedDict(weights=OrderedDict(kernel=float32[784, 10], bias=float32[10]), "
        "num_examples=float32)",
        hint=_(
            "Return one `OrderedDict` with the two fields `weights` and `num_examples`; "
            "`weights` keeps the structure that came in."
        ),
    )


def _step_mistakes(start: dict, batches: list[dict], rate: float) -> tuple:
    trained = _train(start, batches, rate)
    return (
        (start, shared.unchanged()),
        (
            maths.each(np.subtract, trained, start),
            _("This is the change, trained minus given. Return the trained weights themselves."),
        ),
        (
            maths.each(np.subtract, start, trained),
            _("This is the change, given minus trained. Return the trained weights themselves."),
        ),
        (
            _train(start, batches, -rate),
            _("The step goes up the slope. Subtract the gradient, do not add it."),
        ),
        (_train(start, batches * 2, rate), _("You go through the data twice. One pass is asked for.")),
        (_train(start, batches, 1.0), _("The step ignores `learning_rate`. Multiply the gradient by it.")),
        (
            _train(start, batches, 0.1),
            _(
                "You always take 0.1 for the learning rate. Use the argument `learning_rate`: here it is "
                "{rate}."
            ).format(rate=rate),
        ),
        (
            _train(start, batches, rate, total=True),
            _(
                "The loss is summed over the batch. Average it, as `loss` does, or big batches take "
                "giant steps."
            ),
        ),
        (
            _train(maths.each(np.zeros_like, start), batches, rate),
            _("You start from zeros. Start from `weights`, the ones the server sent."),
        ),
    )


def _one_step_problem(got: dict, start: dict, batches: list[dict], rate: float) -> Problem | None:
    trained = _train(start, batches, rate)
    return judge(
        _called(batches, rate),
        got,
        trained,
        _(
            "One step is: new weight = weight minus `learning_rate` times its gradient, for "
            "`kernel` and for `bias`."
        ),
        (
            (
                maths.gradient(start, batches[0]),
                _("These are the gradients. Return the weights after the step."),
            ),
            (trained | {"bias": start["bias"]}, _("`bias` did not move. It has a gradient of its own.")),
            *_step_mistakes(start, batches, rate),
        ),
    )


def _every_batch_problem(got: dict, start: dict, batches: list[dict], rate: float) -> Problem | None:
    at_start = [maths.gradient(start, batch) for batch in batches]
    summed = maths.each(lambda w, *g: w - rate * sum(g), start, *at_start)
    averaged = maths.each(lambda w, *g: w - rate * sum(g) / len(g), start, *at_start)
    stale = _(
        "Every gradient is taken at the first weights. Take each one at the weights the last step left."
    )
    return judge(
        _called(batches, rate),
        got,
        _train(start, batches, rate),
        _("Go through the dataset once, batch by batch; each step starts where the one before ended."),
        (
            (
                _train(start, batches[:1], rate),
                _("Only the first batch was used. Is there a `return` in the loop?"),
            ),
            (
                _train(start, batches[-1:], rate),
                _(
                    "Only the last batch counts. Each step must start from the weights of the step "
                    "before, not from the first ones."
                ),
            ),
            (_train(start, batches[:-1], rate), _("The last, smaller batch was left out.")),
            (summed, stale),
            (averaged, stale),
            *_step_mistakes(start, batches, rate),
        ),
    )


def _count_problem(got, batches: list[dict], rate: float) -> Problem | None:
    sizes = [len(batch["y"]) for batch in batches]
    return judge(
        _called(batches, rate),
        {"num_examples": got},
        {"num_examples": sum(sizes)},
        _('Add up the number of examples of each batch: `tf.shape(batch["y"])[0]`.'),
        (
            ({"num_examples": len(sizes)}, _("These are batches. Count the examples in them.")),
            ({"num_examples": sizes[0] * len(sizes)}, _("The last batch is smaller than the others.")),
            (
                {"num_examples": 10 * len(sizes)},
                _("You count 10 examples in each batch. Ask each batch how many it has."),
            ),
            ({"num_examples": sizes[-1]}, _("This is the size of the last batch. Add them all up.")),
            ({"num_examples": sizes[0]}, _("This is the size of the first batch. Add them all up.")),
            ({"num_examples": sum(sizes) * 784}, _("These are pixels. An example is one image.")),
            ({"num_examples": 0}, _("The count never grows. Add to it in the loop.")),
        ),
    )


def _idle_problem(got, start: dict, rate: float) -> Problem | None:
    """What is wrong with the answer's output for a client without a single batch."""
    return judge(
        _called([], rate),
        got,
        {"weights": start, "num_examples": 0.0},
        _("A client without batches trains on nothing: it returns the weights as they came, and 0 examples."),
    )
