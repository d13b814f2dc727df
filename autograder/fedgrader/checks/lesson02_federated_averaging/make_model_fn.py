"""The check of `make_model_fn`, lesson 2."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge, only_if
from fedgrader.checks import maths
from fedgrader.checks.lesson02_federated_averaging import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import same
from fedgrader.guest.problem import Problem

harness = Harness("lesson02_federated_averaging.make_model_fn")
ACCURACY = "sparse_categorical_accuracy"
_SPEC = [["x", "float32[None, 2]"], ["y", "int32[None]"]]


@exercise(
    parts={
        N_("returns a recipe that makes a TFF model"): 1,
        N_("makes a new model at every call"): 2,
        N_("brings the right loss and the right metric"): 1,
    },
    hints=(
        N_(
            "You write a function in a function. The outer one receives the ingredients; the inner one, "
            "`model_fn`, takes no arguments and does all the cooking. Which of the two calls "
            "`build_keras_model`?"
        ),
        N_(
            "Inside `model_fn`, hand four things to `tff.learning.models.from_keras_model`: a Keras model "
            "that was built just now, `loss=`, `input_spec=` and `metrics=`. The network ends in scores, so "
            "the loss needs `from_logits=True`."
        ),
        N_(
            "`def model_fn(): return tff.learning.models.from_keras_model(build_keras_model(), "
            "loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), input_spec=input_spec, "
            "metrics=[tf.keras.metrics.SparseCategoricalAccuracy()])`, and after it, in the outer function, "
            "`return model_fn` without parentheses."
        ),
    ),
    why=N_(
        "TFF calls your recipe several times: once to learn the shapes of the weights, once for the first "
        "weights, once for the code that every client runs. Each time it records what is built. A recipe can "
        "be repeated anywhere, on any phone; a model that exists already exists only here."
    ),
)
def make_model_fn(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    weights, size = shared.weights(rng), int(rng.integers(7, 12))
    right, batch = int(rng.integers(3, size - 1)), shared.batch(rng, size)
    # Labels that the model gets right and wrong, so that every metric has a value of its own.
    best = maths.scores(weights, batch["x"]).argmax(axis=1)
    batch["y"] = np.where(np.arange(size) < right, best, (best + 1) % 3).astype(np.int32)
    got = answer.ask(harness.make_model_fn, **weights)
    problem = _recipe_problem(got)
    yield N_("returns a recipe that makes a TFF model"), problem
    if problem:
        return
    problem = _newness_problem(got)
    if problem:
        yield N_("makes a new model at every call"), problem
        return
    said = answer.ask(harness.report, **weights, batch=batch)
    yield N_("makes a new model at every call"), None
    yield N_("brings the right loss and the right metric"), _report_problem(said, weights, batch, right)


def _recipe_problem(got: dict) -> Problem | None:
    called, expected = "make_model_fn(build_keras_model, input_spec)", _("a function without arguments")
    if "type" in got:
        model = _("This is a model. Return the recipe: `return model_fn`, without parentheses.")
        hints = {
            "KerasModel": model,
            "Sequential": model,
            "NoneType": _("Nothing came back. The outer function ends with `return model_fn`."),
        }
        hint = hints.get(got["type"], _("Return the inner function, `model_fn`."))
        return Problem(called, _("an object of type `{type}`").format(type=got["type"]), expected, hint)
    called, expected = "model_fn()", "tff.learning.models.VariableModel"
    if "needs" in got:
        hint = _("`model_fn` takes no arguments. What it needs it finds in the function around it.")
        return Problem(called, got["needs"], expected, hint)
    if "raised" in got:
        hint = _("Leave `compile` out. The loss goes to TFF, and the optimizers come later, in the process.")
        return Problem(called, got["raised"], expected, hint)
    if "made" in got:
        hints = {
            "Sequential": _(
                "This is a Keras model. TFF wants it wrapped: `tff.learning.models.from_keras_model(…)`."
            ),
            "NoneType": _("`model_fn` itself returned nothing. It needs a `return`, too."),
            "function": _("`model_fn` returned another function, not a model. Return what that one returns."),
        }
        hint = hints.get(got["made"], _("Return what `tff.learning.models.from_keras_model` returns."))
        return Problem(called, _("an object of type `{type}`").format(type=got["made"]), expected, hint)
    return judge(
        "model_fn().input_spec",
        got["input_spec"],
        _SPEC,
        _("Hand `input_spec` on as it is: another model may take other batches than yours does."),
    )


def _newness_problem(got: dict) -> Problem | None:
    called, expected = _("model_fn(), called twice"), _("two models that share nothing")
    if not (same(got["same_model"], False) and same(got["shared_weights"], False)):
        return Problem(
            called,
            _("twice the same variables"),
            expected,
            _(
                "The model was built outside `model_fn`, once, and every call returns it again. Call "
                "`build_keras_model()` inside `model_fn`."
            ),
        )
    if not same(got["shared_metrics"], False):
        return Problem(
            called,
            _("two models with one metric between them"),
            expected,
            _("A metric has variables as well: it counts. Make it inside `model_fn`, next to the model."),
        )
    return None


def _report_problem(said: dict, weights: dict, batch: dict, right: int) -> Problem | None:
    if "raised" in said:
        hint = _(
            "`y` holds the digits as numbers, one for each example. The loss and the metric for that have "
            "`Sparse` in their names: `SparseCategoricalCrossentropy(from_logits=True)` and "
            "`SparseCategoricalAccuracy()`."
        )
        return Problem(
            "model_fn().forward_pass(batch)", said["raised"], _("a result, without an error"), hint
        )
    problem = _loss_problem(said["loss"], weights, batch)
    return problem or _metric_problem(said["metrics"], said["loss"], len(batch["y"]), right)


def _loss_problem(got, weights: dict, batch: dict) -> Problem | None:
    scores, y = maths.scores(weights, batch["x"]), batch["y"]
    rows = np.arange(len(y))
    losses = -np.log(maths.softmax(scores)[rows, y])
    clipped = np.clip(scores, 1e-7, 1 - 1e-7)  # what Keras does to scores that it takes for probabilities
    unscaled = -np.log(clipped[rows, y] / clipped.sum(axis=1))
    twice = -np.log(maths.softmax(maths.softmax(scores))[rows, y])
    return judge(
        _("the loss of a batch of {size} examples").format(size=len(y)),
        got,
        losses.mean(),
        _("Use `tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)`."),
        (
            (
                unscaled.mean(),
                _(
                    "The network returns scores, not probabilities, and the loss must know: "
                    "`from_logits=True`."
                ),
            ),
            (losses.sum(), _("This is the sum over the batch. Leave the loss's `reduction` as it is.")),
            (
                twice.mean(),
                _("A softmax too many: with `from_logits=True` the loss applies it to the scores itself."),
            ),
        ),
    )


def _metric_problem(got: dict, loss: float, size: int, right: int) -> Problem | None:
    added = {"loss": loss, "num_examples": size, "num_batches": 1}  # by TFF itself
    other = {name: value for name, value in got.items() if name not in added} if isinstance(got, dict) else {}
    missing = _("The metric is missing: `metrics=[tf.keras.metrics.SparseCategoricalAccuracy()]`.")
    return judge(
        _("the metrics of a batch with {right} of {size} right").format(right=right, size=size),
        got,
        {ACCURACY: right / size, **added},
        _("Report one metric: `tf.keras.metrics.SparseCategoricalAccuracy()`."),
        (
            (added, missing),
            *only_if(
                len(other) == 1 and ACCURACY not in other,
                {name: right / size for name in other} | added,
                _("Right number, other name. Leave the name as Keras gives it: later cells ask for it."),
            ),
        ),
    )
