"""The check of `forward_pass`, lesson 3."""

from collections.abc import Callable, Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson03_custom_model import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import same
from fedgrader.guest.problem import Problem

harness = Harness("lesson03_custom_model.forward_pass")


@exercise(
    parts={
        N_("returns a `BatchOutput` with ten scores for each image"): 1,
        N_("averages the loss over the batch"): 2,
        N_("says how many examples there are"): 1,
    },
    hints=(
        N_(
            "Three lines, one for each field. Which of the three can `predict` make for you, and which one "
            "needs the labels?"
        ),
        N_(
            "`tf.nn.sparse_softmax_cross_entropy_with_logits(labels=…, logits=…)` returns one loss an "
            "example. It takes the scores as `predict` returns them, and applies softmax itself."
        ),
        N_(
            '`scores = predict(variables, batch["x"])`; `losses = '
            'tf.nn.sparse_softmax_cross_entropy_with_logits(labels=batch["y"], logits=scores)`; then return '
            "`tff.learning.models.BatchOutput(loss=tf.reduce_mean(losses), predictions=scores, "
            'num_examples=tf.shape(batch["y"])[0])`.'
        ),
    ),
    why=N_(
        "These three fields are all that TFF's training loop looks at. It takes the gradient of `loss`, and "
        "weighs the client by the sum of `num_examples`. It never asks what is inside: a softmax regression, "
        "a transformer or a decision of your own, as long as the loss can be differentiated."
    ),
)
def forward_pass(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    variables = shared.variables(rng, counted=True)
    batches = [_batch(rng, int(rng.choice([5, 6, 7, 8, 9, 11, 12, 13]))), maths.digits(rng, 1)]
    got = answer.ask(harness.forward_pass, variables=variables, batches=batches)
    called = [_called(batch) for batch in batches]
    form = N_("returns a `BatchOutput` with ten scores for each image")
    problem = _kind_problem(called[0], got)
    if problem:
        yield form, problem
        return
    outputs = got["result"]
    scores = [batch["x"] @ variables["kernel"] + variables["bias"] for batch in batches]
    yield (
        form,
        _first(_predictions_problem, called, outputs, scores)
        or _first(_changed_problem, called, got["variables"], [variables] * len(batches)),
    )
    yield N_("averages the loss over the batch"), _first(_loss_problem, called, outputs, scores, batches)
    yield N_("says how many examples there are"), _first(_count_problem, called, outputs, batches)


def _batch(rng: np.random.Generator, number: int) -> dict[str, np.ndarray]:
    """A batch whose labels do not add up to what else may be taken for the number of examples."""
    while True:
        batch = maths.digits(rng, number)
        if int(batch["y"].sum()) not in (1, 10, number, 10 * number, 784):
            return batch


def _called(batch: dict) -> str:
    number = len(batch["y"])
    return _("forward_pass(variables, batch of {number} examples)").format(number=number)


def _first(problem: Callable[..., Problem | None], *columns: list) -> Problem | None:
    """The first problem over the batches; each of `columns` has an entry a batch."""
    return next(filter(None, (problem(*row) for row in zip(*columns, strict=True))), None)


def _count_problem(called: str, output: dict, batch: dict) -> Problem | None:
    number = len(batch["y"])
    return judge(
        called,
        {"num_examples": output.get("num_examples")},
        {"num_examples": number},
        _('Count the examples of the batch: `tf.shape(batch["y"])[0]`.'),
        (
            (
                {"num_examples": None},
                _(
                    "`num_examples` is missing, so TFF has to guess this client's weight. Give "
                    '`tf.shape(batch["y"])[0]`; `.shape[0]` is `None` while the model is recorded, since '
                    "a batch can be of any size."
                ),
            ),
            ({"num_examples": 784}, _("These are pixels. An example is one image.")),
            ({"num_examples": number * 784}, _("These are pixels. An example is one image.")),
            ({"num_examples": 10}, _("This is 10, however large the batch. Count its images.")),
            ({"num_examples": number * 10}, _("These are all scores, ten an image. Count the images.")),
            ({"num_examples": 1}, _("Not every batch is 1 example. Count those in `batch`.")),
            (
                {"num_examples": int(batch["y"].sum())},
                _("This is the sum of the labels. Count them: how long is `y`?"),
            ),
        ),
    )


def _kind_problem(called: str, got: dict) -> Problem | None:
    if "sets_a_field" in got:
        return shared.field_problem(called, got)
    if got["kind"] == "BatchOutput":
        return None
    return Problem(
        called=called,
        got=_("an object of type `{type}`").format(type=got["kind"]),
        expected="BatchOutput(loss, predictions, num_examples)",
        hint=shared.returned_nothing()
        if got["kind"] == "NoneType"
        else _("Return a `tff.learning.models.BatchOutput(loss=…, predictions=…, num_examples=…)`."),
    )


def _predictions_problem(called: str, output: dict, scores: np.ndarray) -> Problem | None:
    predictions = output.get("predictions")
    return judge(
        called,
        {"predictions": predictions},
        {"predictions": scores},
        _("`predictions` are what `predict` returns for the batch's images: float32[n, 10]."),
        (
            (
                {"predictions": maths.softmax(scores)},
                _(
                    "These are probabilities: softmax has been applied. The loss wants the scores as "
                    "they are "
                    "(logits) and applies softmax itself."
                ),
            ),
            (
                {"predictions": np.log(maths.softmax(scores))},
                _("These are log-probabilities. Return the scores as `predict` makes them."),
            ),
            (
                {"predictions": scores.argmax(axis=1)},
                _("These are the guessed digits. Return all ten scores; picking the highest comes later."),
            ),
            ({"predictions": None}, _("`predictions` is missing. Metrics are worked out from it.")),
        ),
    ) or shared.dtype_problem(called, "predictions", predictions)


def _changed_problem(called: str, after: dict, variables: dict) -> Problem | None:
    changed = [name for name in variables if not same(after[name], variables[name])]
    if not changed:
        return None
    return Problem(
        called=called,
        got=_("other values in {names}").format(names=", ".join(f"`{name}`" for name in changed)),
        expected=_("all variables as they were"),
        hint=_(
            "`forward_pass` only looks. Counting is the next exercise, and every batch would count twice; "
            "the weights are moved by the training loop."
        ),
    )


def _loss_problem(called: str, output: dict, scores: np.ndarray, batch: dict) -> Problem | None:
    got = output.get("loss")
    losses = shared.losses(scores, batch["y"])
    one_hot = np.eye(10)[batch["y"]]
    twice = _(
        "Softmax is applied twice: by you, and by the loss, which wants plain scores (logits). Such "
        "a loss can "
        "never come near 0."
    )
    not_averaged = _(
        "The loss is summed over the batch. Average it, or a batch of 20 takes a step twice as long "
        "as one of 10."
    )
    return judge(
        called,
        {"loss": got},
        {"loss": losses.mean()},
        _("The loss is the cross-entropy of each example, averaged with `tf.reduce_mean`."),
        (
            ({"loss": losses}, _("This is one loss an example. Average them: `tf.reduce_mean`.")),
            ({"loss": losses.sum()}, not_averaged),
            (
                {"loss": losses.mean() / 10},
                _("You average over the ten digits too. Average over the examples."),
            ),
            ({"loss": losses.sum() / 784}, _("You divide by the pixels. Divide by the examples.")),
            ({"loss": shared.losses(maths.softmax(scores), batch["y"]).mean()}, twice),
            ({"loss": shared.losses(maths.softmax(scores), batch["y"]).sum()}, twice),
            (
                {"loss": -losses.mean()},
                _("The sign is upside down: training would make this loss worse, not better."),
            ),
            (
                {"loss": ((maths.softmax(scores) - one_hot) ** 2).mean()},
                _("This is a squared error. The exercise asks for the cross-entropy."),
            ),
            (
                {"loss": (scores.argmax(axis=1) == batch["y"]).mean()},
                _("This is the accuracy. It has no slope, so nothing could be learnt from it."),
            ),
            ({"loss": None}, _("`loss` is missing. Without it there is nothing to train on.")),
        ),
    ) or shared.dtype_problem(called, "loss", got)
