"""Checks of lesson 7: clipping."""

from collections.abc import Callable, Iterator

import numpy as np

from autograder.answers import AnswerHandle
from autograder.checking import Harness, Step, exercise, judge
from autograder.checks import maths
from autograder.checks.maths import Weights
from autograder.finding import Problem
from autograder.plain import describe, shape_of
from fedcourse.i18n import N_, _

harness = Harness("lesson07_clipping")

# --- the same maths in numpy: what the answers must return, and what well-known mistakes return instead ---


def _weights(rng: np.random.Generator, norm: float) -> Weights:
    """Random weights of a small model, kernel [6, 3] and bias [3], of the global norm `norm`."""
    weights = {"kernel": rng.normal(size=(6, 3)), "bias": rng.normal(size=3)}
    return maths.scaled_to(weights, norm)


def _flat(weights: Weights) -> np.ndarray:
    return np.concatenate([np.ravel(w).astype(float) for w in weights.values()])


def _form_problem(called: str, got, want: Weights) -> Problem | None:
    """A problem where the structure is not that of `want`, or has its fields in another order."""
    hint = _("Return a dictionary of the same form: `tf.nest.map_structure` keeps it for you.")
    if maths.has_form(got, want):
        if list(got) == list(want):
            return None
        hint = _("Right fields, wrong order. Keep the order in which they came: it is part of a TFF type.")
    return Problem(called=called, got=describe(got), expected=describe(want), hint=hint)


def _per_layer() -> str:
    return _(
        "`kernel` and `bias` are clipped one by one, each by its own norm. That turns the arrow. Take one "
        "norm for all, and one factor for all."
    )


def _by_value() -> str:
    return _(
        "Each number is cut off by itself. That turns the arrow: the large numbers lose, the small ones "
        "stay. Multiply all by one factor instead."
    )


def _scaled_up() -> str:
    return _(
        "What was short came out longer. Clipping never stretches: the factor must not be greater than 1."
    )


# --- global_norm ---


@exercise(
    parts={
        N_("returns one number for the whole structure"): 1,
        N_("measures all numbers, as one long arrow"): 2,
    },
    hints=(
        N_(
            "Pythagoras, in 7,850 dimensions: square every number, add up all the squares, take the root. "
            "How do the kernel and the bias come into one sum?"
        ),
        N_(
            "`tf.nest.flatten(structure)` is the list of the tensors. For each, `tf.reduce_sum(tensor**2)` "
            "is the sum of its squares."
        ),
        N_(
            "Add the sums up with `tf.add_n(…)`, and only then take the root, once: `tf.sqrt(tf.add_n("
            "[tf.reduce_sum(tensor**2) for tensor in tf.nest.flatten(structure)]))`."
        ),
    ),
    why=N_(
        "One number now says how far a whole model would move, however many layers it has. The squares may "
        "be added up layer by layer because Pythagoras does not care how you sort the sides; the root must "
        "wait until the end, because the root of a sum is not the sum of the roots."
    ),
)
def global_norm(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    structure = _weights(rng, norm=4.0)
    structure["bias"] *= np.float32(2)  # so that the bias matters
    got, of_zeros = answer.ask(
        harness.global_norm, structures=[structure, maths.each(np.zeros_like, structure)]
    )
    called = _("global_norm(a kernel of 6 by 3 numbers and a bias of 3)")
    layers, flat = np.array(maths.layer_norms(structure)), _flat(structure)
    form = None
    if shape_of(got) != ():
        each = _("This is a norm for each tensor. Bring them together into one number.")
        form = judge(
            called,
            got,
            maths.norm(structure),
            _("Return a single number, a scalar tensor."),
            (
                (list(layers), each),
                (layers, each),
                (dict(zip(structure, layers, strict=True)), each),
                (list(layers**2), each),
                (dict(zip(structure, layers**2, strict=True)), each),
            ),
        )
    yield N_("returns one number for the whole structure"), form
    if form:
        return
    problem = judge(
        called,
        got,
        maths.norm(structure),
        _(
            "Square every number of every tensor, add up all the squares, and take the square root of the "
            "sum."
        ),
        (
            (np.sum(flat**2), _("This is the square of the norm. Take the square root.")),
            (
                np.sum(layers),
                _("These are two norms added up. Add up the squares; take the root at the end."),
            ),
            (layers[0], _("This is the norm of `kernel` alone. `bias` counts too.")),
            (layers[1], _("This is the norm of `bias` alone. `kernel` counts too.")),
            (np.mean(layers), _("This is the mean of the tensors' norms. Add up the squares instead.")),
            (np.sqrt(np.mean(flat**2)), _mean_of_squares()),
            (np.mean(flat**2), _mean_of_squares()),
            (np.sqrt(np.mean(layers**2)), _mean_of_squares()),
            (np.sqrt(sum(np.mean(w**2) for w in structure.values())), _mean_of_squares()),
            (
                np.sum(np.abs(flat)),
                _("These are the absolute values, added up. Square them, and take the root."),
            ),
            (np.max(np.abs(flat)), _("This is the largest number alone. All of them count.")),
            (np.abs(np.sum(flat)), _sum_before_square()),
            (np.sum(flat), _sum_before_square()),
        ),
    ) or judge(
        _("global_norm(a structure of zeros)"), of_zeros, 0.0, _("An arrow that goes nowhere has length 0.")
    )
    yield N_("measures all numbers, as one long arrow"), problem


def _mean_of_squares() -> str:
    return _("The squares are averaged. Add them up: a longer arrow must have a larger norm.")


def _sum_before_square() -> str:
    return _("The numbers are added before they are squared, so plus and minus cancel. Square first.")


# --- clip_by_global_norm ---


@exercise(
    parts={
        N_("shrinks what is too long, and keeps its direction"): 2,
        N_("leaves alone what is short enough"): 1,
        N_("survives an arrow of length zero"): 1,
    },
    hints=(
        N_(
            "One factor for all numbers. What must it be when the norm is twice `max_norm`? And when it is "
            "half of `max_norm`?"
        ),
        N_(
            "The factor is `max_norm / norm`, but never more than 1. Inside a computation use `tf.minimum` "
            "or `tf.maximum` rather than `if`. And a norm of 0 must not be what you divide by."
        ),
        N_(
            "`factor = max_norm / tf.maximum(norm, max_norm)` does all three. Then "
            "`tf.nest.map_structure(lambda tensor: tensor * factor, structure)`."
        ),
    ),
    why=N_(
        "The direction says what the data want, the length says how loudly. You turned the volume down and "
        "left the words alone. And since the factor is never above 1, quiet clients stay as they are: "
        "clipping is a limit, not a level."
    ),
)
def clip_by_global_norm(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    long, short, limit = _weights(rng, norm=9.0), _weights(rng, norm=1.2), 2.0
    of_long, of_short, of_zeros = answer.ask(
        harness.clip_by_global_norm,
        structures=[long, short, maths.each(np.zeros_like, long)],
        max_norm=limit,
    )
    called = _("clip_by_global_norm(a structure of global norm {norm}, max_norm=2)")
    yield (
        N_("shrinks what is too long, and keeps its direction"),
        _form_problem(called.format(norm=9), of_long, long)
        or _long_problem(called.format(norm=9), of_long, long, limit),
    )
    if not maths.has_form(of_long, long):
        return
    yield (
        N_("leaves alone what is short enough"),
        judge(
            called.format(norm=1.2),
            of_short,
            short,
            _("Its norm is below `max_norm`, so it must come back as it went in."),
            (
                (maths.scaled_to(short, limit), _scaled_up()),
                (
                    maths.scaled_to(short, 1.0),
                    _("It was scaled to length 1. Only what is longer than `max_norm` changes."),
                ),
                (maths.each(lambda w: w * limit, short), _scaled_up()),
                (
                    maths.each(np.zeros_like, short),
                    _("Zeros came back. What is short enough must stay as it is."),
                ),
            ),
        ),
    )
    yield N_("survives an arrow of length zero"), _zero_problem(of_zeros, long)


def _long_problem(called: str, got, long: Weights, limit: float) -> Problem | None:
    norm, layers = maths.norm(long), maths.layer_norms(long)
    return judge(
        called,
        got,
        maths.clip(long, limit),
        _("Multiply every number by `max_norm` divided by the global norm."),
        (
            (maths.clip_layers(long, limit), _per_layer()),
            (maths.each(lambda w: w * limit / np.sqrt(np.sum(w.astype(float) ** 2)), long), _per_layer()),
            (maths.clip_values(long, limit), _by_value()),
            (long, _("It came back as it went in, though it is longer than `max_norm`.")),
            (maths.scaled_to(long, 1.0), _("It has length 1 now. It should have length `max_norm`.")),
            (
                maths.each(lambda w: w * limit, long),
                _("It was multiplied by `max_norm` and not divided by its norm."),
            ),
            (
                maths.each(lambda w: w * norm / limit, long),
                _("The factor is upside down: what is too long became even longer."),
            ),
            (
                maths.scaled_to(long, limit / norm),
                _("You divide by the square of the norm. Take the root first."),
            ),
            (
                maths.each(lambda w: w * limit / sum(layers), long),
                _("You divide by the norms of the tensors added up. Use `global_norm`."),
            ),
            (
                maths.each(np.zeros_like, long),
                _(
                    "Zeros came back: that is called zeroing. Clipping shrinks what is too long, and keeps "
                    "it."
                ),
            ),
            (
                maths.clip(long, np.sqrt(limit)),
                _("It became too short. The limit is `max_norm` itself, not its root."),
            ),
        ),
    )


def _zero_problem(got, like: Weights) -> Problem | None:
    called, zeros = (
        _("clip_by_global_norm(a structure of zeros, max_norm=2)"),
        maths.each(np.zeros_like, like),
    )
    if maths.has_form(got, like) and np.isnan(_flat(got)).any():
        return Problem(
            called=called,
            got=describe(got),
            expected=describe(zeros),
            hint=_(
                'Zero divided by zero is NaN, "not a number", and NaN spreads to all it touches. Divide by '
                "`tf.maximum(norm, max_norm)`, which is never 0."
            ),
        )
    return judge(called, got, zeros, _("Nothing times any factor is nothing: zeros must come back."))


# --- client_update ---


def _batch(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    return {"x": rng.random((size, 6), dtype=np.float32), "y": rng.integers(0, 3, size).astype(np.int32)}


def _exploding_batch(rng: np.random.Generator, weights: Weights, size: int) -> dict[str, np.ndarray]:
    """Pixels of up to 50, and labels that the weights get wrong: a gradient that is far too long."""
    x = 50 * rng.random((size, 6), dtype=np.float32)
    best = np.argmax(x @ weights["kernel"] + weights["bias"], axis=1)
    return {"x": x, "y": ((best + 1) % 3).astype(np.int32)}


def _train(
    weights: Weights, batches: list[dict], rate: float, clip: Callable = lambda gradient: gradient
) -> Weights:
    """Gradient descent in which every gradient goes through `clip`."""
    for batch in batches:
        weights = maths.each(lambda w, g: w - rate * g, weights, clip(maths.gradient(weights, batch)))
    return weights


@exercise(
    parts={
        N_("trains as in lesson 6 while no gradient is too long"): 1,
        N_("clips the gradient of each batch"): 2,
        N_("counts the examples"): 1,
    },
    hints=(
        N_(
            "It is the client's work of lesson 6 with one line more. Where exactly does the gradient "
            "exist, and is not used yet?"
        ),
        N_(
            "Between `tape.gradient(…)` and the step. So each batch's gradient is clipped by itself, "
            "before it is multiplied by the learning rate."
        ),
        N_(
            "`gradients = clip_by_global_norm(tape.gradient(batch_loss, weights), max_norm)`; all else is "
            "as in lesson 6."
        ),
    ),
    why=N_(
        "Now no single batch can throw the model far away: a step is at most `learning_rate * max_norm` "
        "long, whatever the data hold. The phone needs nobody's help for it, and no data leave it. It is "
        "also all that this kind of clipping can do: it works where your code runs."
    ),
)
def client_update(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    rate, limit, start = 0.5, 2.0, _weights(rng, norm=0.5)
    batches = [_batch(rng, 4), _exploding_batch(rng, start, 4), _batch(rng, 2)]
    free, clipped = answer.ask(
        harness.client_update, weights=start, batches=batches, learning_rate=rate, max_norms=[1e6, limit]
    )
    called = _("client_update(weights, dataset of 3 batches, learning_rate=0.5, max_norm={norm})")
    yield (
        N_("trains as in lesson 6 while no gradient is too long"),
        _output_problem(called.format(norm="1e6"), free, start)
        or _free_problem(called.format(norm="1e6"), free["weights"], start, batches, rate),
    )
    if _output_problem("", free, start):
        return
    yield (
        N_("clips the gradient of each batch"),
        _clipped_problem(called.format(norm=limit), clipped["weights"], start, batches, rate, limit),
    )
    yield N_("counts the examples"), _count_problem(clipped["num_examples"], batches)


def _output_problem(called: str, got, start: Weights) -> Problem | None:
    is_output = isinstance(got, dict) and set(got) == {"weights", "num_examples"}
    if is_output and not isinstance(got["num_examples"], dict | list) and np.shape(got["num_examples"]) == ():
        return _form_problem(called, got["weights"], start)
    return Problem(
        called=called,
        got=describe(got),
        expected="OrderedDict(weights=OrderedDict(kernel, bias), num_examples=float32)",
        hint=_(
            "Return one `OrderedDict` with the two fields `weights` and `num_examples`; "
            "`weights` keeps the structure that came in."
        ),
    )


def _always(limit: float) -> Callable:
    return lambda gradient: maths.scaled_to(gradient, limit)


def _free_problem(called: str, got, start: Weights, batches: list[dict], rate: float) -> Problem | None:
    trained = _train(start, batches, rate)
    return judge(
        called,
        got,
        trained,
        _(
            "With so large a `max_norm` nothing is clipped: for each batch, new weight = weight minus "
            "`learning_rate` times its gradient, as in lesson 6."
        ),
        (
            (
                start,
                _("The weights came back as they went in. A new value must be given a name: `weights = …`."),
            ),
            (
                _train(start, batches[:1], rate),
                _("Only the first batch was used. Is there a `return` in the loop?"),
            ),
            (
                _train(start, batches, -rate),
                _("The step goes up the slope. Subtract the gradient, do not add it."),
            ),
            (
                _train(start, batches, 1.0),
                _("The step ignores `learning_rate`. Multiply the gradient by it."),
            ),
            (_train(start, batches, rate, _always(1e6)), _scaled_up()),
            (
                _train(start, batches, rate, _always(1.0)),
                _("Every gradient was scaled to length 1. Use `max_norm`."),
            ),
            (
                maths.each(np.subtract, trained, start),
                _("This is the change. Return the trained weights; the change comes in the next exercise."),
            ),
        ),
    )


def _clipped_problem(
    called: str, got, start: Weights, batches: list[dict], rate: float, limit: float
) -> Problem | None:
    def clip(gradient: Weights) -> Weights:
        return maths.clip(gradient, limit)

    free = _train(start, batches, rate)
    whole_update = maths.each(np.add, start, maths.clip(maths.each(np.subtract, free, start), limit))
    stepped_and_clipped, at_start = start, []
    for batch in batches:
        at_start.append(maths.gradient(start, batch))
        stepped_and_clipped = maths.clip(_train(stepped_and_clipped, [batch], rate), limit)
    return judge(
        called,
        got,
        _train(start, batches, rate, clip),
        _(
            "For each batch: take the gradient, clip it by its global norm, then make the step with what is "
            "left."
        ),
        (
            (
                free,
                _("Nothing was clipped, though the second batch has a gradient far longer than `max_norm`."),
            ),
            (_train(start, batches, rate, lambda g: maths.clip_layers(g, limit)), _per_layer()),
            (_train(start, batches, rate, lambda g: maths.clip_values(g, limit)), _by_value()),
            (_train(start, batches, rate, _always(limit)), _scaled_up()),
            (
                _train(
                    start,
                    batches,
                    rate,
                    lambda g: maths.each(
                        lambda x: x / rate, maths.clip(maths.each(lambda x: rate * x, g), limit)
                    ),
                ),
                _("You clip the step. Clip the gradient first, then multiply it by `learning_rate`."),
            ),
            (
                whole_update,
                _("The whole update is clipped, once, at the end. Clip the gradient of each batch."),
            ),
            (maths.clip(free, limit), _clips_weights()),
            (stepped_and_clipped, _clips_weights()),
            (
                _train(
                    start,
                    batches,
                    rate,
                    lambda g: g if maths.norm(g) <= limit else maths.each(np.zeros_like, g),
                ),
                _("The long gradient was thrown away. Clipping shortens it, and keeps its direction."),
            ),
            (
                maths.each(lambda w, *g: w - rate * sum(g), start, *map(clip, at_start)),
                _(
                    "Every gradient is taken at the first weights. Take each one at the weights the last "
                    "step left."
                ),
            ),
        ),
    )


def _clips_weights() -> str:
    return _("The weights themselves are clipped. They may be as large as they like; clip the gradient.")


def _count_problem(got, batches: list[dict]) -> Problem | None:
    sizes = [len(batch["y"]) for batch in batches]
    return judge(
        _("client_update(weights, dataset of 3 batches with 4, 4 and 2 examples, …)"),
        {"num_examples": got},
        {"num_examples": sum(sizes)},
        _('Add up the number of examples of each batch: `tf.shape(batch["y"])[0]`.'),
        (
            ({"num_examples": len(sizes)}, _("These are batches. Count the examples in them.")),
            (
                {"num_examples": sizes[0] + sizes[-1]},
                _(
                    "The examples of the clipped batch are missing. They count too: only the step is "
                    "shortened."
                ),
            ),
            ({"num_examples": sizes[-1]}, _("This is the size of the last batch. Add them all up.")),
            ({"num_examples": 0}, _("The count never grows. Add to it in the loop.")),
        ),
    )


# --- clip_update ---


@exercise(
    parts={N_("returns the change: trained minus given"): 1, N_("clips the change, not the weights"): 2},
    hints=(
        N_(
            "The server knows where the client started, so only the way from there to the trained weights is "
            "news. How long is that way, and how long may it be?"
        ),
        N_(
            "Subtract first, `trained - server`, leaf by leaf with `tf.nest.map_structure`; then clip what "
            "you have."
        ),
        N_(
            "`update = tf.nest.map_structure(tf.subtract, trained_weights, server_weights)`, then "
            "`clip_by_global_norm(update, max_norm)`."
        ),
    ),
    why=N_(
        "A good model's weights may be long, and after a hundred rounds they will be; how far one client "
        "may move them in one round is another matter. Whatever happened on the phone, bug, broken sensor "
        "or malice, what comes out here is an arrow of at most `max_norm`."
    ),
)
def clip_update(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    server, limit = _weights(rng, norm=5.0), 2.0
    short, long = _weights(rng, norm=0.7), _weights(rng, norm=12.0)
    after = [maths.each(np.add, server, update) for update in (short, long)]
    of_short, of_long = answer.ask(harness.clip_update, server_weights=server, trained=after, max_norm=limit)
    called = _("clip_update(server_weights, trained_weights that are {distance} away, max_norm=2)")
    yield (
        N_("returns the change: trained minus given"),
        _form_problem(called.format(distance=0.7), of_short, server)
        or _change_problem(called.format(distance=0.7), of_short, server, after[0], limit),
    )
    if not maths.has_form(of_long, server):
        return
    yield (
        N_("clips the change, not the weights"),
        _update_problem(called.format(distance=12), of_long, server, after[1], limit),
    )


def _change_mistakes(server: Weights, trained: Weights, limit: float) -> tuple:
    update = maths.each(np.subtract, trained, server)
    clipped = maths.clip(update, limit)
    weights = _("The weights are clipped here. Subtract first, and clip the change.")
    return (
        (maths.each(np.subtract, server, trained), _backwards()),
        (maths.each(lambda u: -u, clipped), _backwards()),
        (trained, _("These are the trained weights. Return the change: trained minus given.")),
        (server, _("These are the server's weights. Return the change: trained minus given.")),
        (
            maths.each(np.add, server, clipped),
            _("This is the server's weights plus the update. Return the update alone; the server adds it."),
        ),
        (maths.clip(trained, limit), weights),
        (maths.each(np.subtract, maths.clip(trained, limit), server), weights),
        (maths.each(np.subtract, maths.clip(trained, limit), maths.clip(server, limit)), weights),
        (
            maths.each(np.add, trained, server),
            _("The two are added. Subtract: the change is trained minus given."),
        ),
    )


def _backwards() -> str:
    return _("The update points backwards, from trained to given. It is trained minus given.")


def _change_problem(called: str, got, server: Weights, trained: Weights, limit: float) -> Problem | None:
    update = maths.each(np.subtract, trained, server)
    return judge(
        called,
        got,
        update,
        _("Return trained minus given, leaf by leaf. It is short enough to come out whole."),
        ((maths.scaled_to(update, limit), _scaled_up()), *_change_mistakes(server, trained, limit)),
    )


def _update_problem(called: str, got, server: Weights, trained: Weights, limit: float) -> Problem | None:
    update = maths.each(np.subtract, trained, server)
    return judge(
        called,
        got,
        maths.clip(update, limit),
        _("Clip the change, trained minus given, by its global norm."),
        (
            (update, _("The change came out whole, though it is longer than `max_norm`. Clip it.")),
            (maths.clip_layers(update, limit), _per_layer()),
            (maths.clip_values(update, limit), _by_value()),
            (maths.scaled_to(update, 1.0), _("It has length 1 now. It should have length `max_norm`.")),
            (
                maths.each(np.zeros_like, update),
                _(
                    "Zeros came back: that is called zeroing. Clipping shrinks what is too long, and keeps "
                    "it."
                ),
            ),
            *_change_mistakes(server, trained, limit),
        ),
    )


# --- next_fn ---

_TOY_TYPE = "<kernel=float32[2,2],bias=float32[2]>"
_RATE = 0.5  # the share of the mean update that the toy server adds


@exercise(
    parts={
        N_("is a round: the server's weights in, the server's weights out"): 1,
        N_("clips each client's update before the average"): 2,
        N_("weighs each client by its number of examples"): 1,
    },
    hints=(
        N_(
            "Five steps: broadcast, train, clip, average, add. Only one of them needs a place in the order "
            "that is not the one of lesson 6. What would be left to clip once the average is taken?"
        ),
        N_(
            "The weights that you broadcast are needed twice at the clients: for `client_work`, and for "
            "`clip_work` as the weights to compare with. Give them a name."
        ),
        N_(
            "`trained = tff.federated_map(client_work, (at_clients, client_data))`, then "
            "`updates = tff.federated_map(clip_work, (at_clients, trained.weights))`, then "
            "`tff.federated_mean(updates, weight=trained.num_examples)`, and `server_work` at the end."
        ),
    ),
    why=N_(
        "Before the average, the limit holds for each client: one mad client can move the mean by `max_norm` "
        "times its share of the examples, and no further. After the average, it would hold for the mean "
        "only, whose direction the mad client has chosen long since. Same two operators, other order, other "
        "world."
    ),
)
def next_fn(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    weights = {
        "kernel": rng.normal(size=(2, 2)).astype(np.float32),
        "bias": rng.normal(size=2).astype(np.float32),
    }
    # A toy client moves every weight by the sum of its numbers, and an update is clipped to length 1.
    one_is_mad = [[0.1, 0.05], [-0.12, 0.3], [40.0, 60.0]]
    sizes_differ = [
        [round(float(x), 3) for x in rng.uniform(0.01 * i, 0.04 * i, n)] for i, n in ((1, 1), (2, 6), (3, 2))
    ]
    got = answer.ask(harness.next_fn, weights=weights, groups=[one_is_mad, sizes_differ])
    called = "next_fn(server_weights, client_data, client_work, clip_work, server_work)"
    yield (
        N_("is a round: the server's weights in, the server's weights out"),
        judge(
            called,
            got["type"],
            f"{_TOY_TYPE}@SERVER",
            _("Return what `server_work` returns: the weights, placed at the server."),
            (
                (
                    got["type"] if got["type"].endswith("@CLIENTS") else None,
                    _("The weights must end at the server, not at the clients."),
                ),
            ),
        ),
    )
    mad, sized = got["weights"]
    yield N_("clips each client's update before the average"), _mad_problem(mad, weights, one_is_mad)
    yield N_("weighs each client by its number of examples"), _sizes_problem(sized, weights, sizes_differ)


def _toy_updates(weights: Weights, clients: list[list[float]], clipped: bool = True) -> list[Weights]:
    updates = [{name: np.full_like(w, sum(client)) for name, w in weights.items()} for client in clients]
    return [maths.clip(update, 1.0) for update in updates] if clipped else updates


def _mean(updates: list[Weights], sizes: list[float]) -> Weights:
    return maths.each(lambda *u: sum(n * x for n, x in zip(sizes, u, strict=True)) / sum(sizes), *updates)


def _add(weights: Weights, update: Weights, rate: float = _RATE) -> Weights:
    return maths.each(lambda w, u: w + rate * u, weights, update)


def _round_mistakes(weights: Weights, clients: list[list[float]]) -> tuple:
    """What a round without clipping, out of order, or with the wrong arguments returns."""
    sizes = [len(client) for client in clients]
    updates, raw = _toy_updates(weights, clients), _toy_updates(weights, clients, clipped=False)
    mean, raw_mean = _mean(updates, sizes), _mean(raw, sizes)
    trained_mean, plain = maths.each(np.add, weights, raw_mean), [1.0] * len(clients)
    clipped_trained = [maths.clip(maths.each(np.add, weights, update), 1.0) for update in raw]
    after = _(
        "The average is clipped, after the mad client is in it. Clip each client's update first, at the "
        "clients."
    )
    skipped = _("The server's own step is missing. Give the average update to `server_work`.")
    return (
        (_add(weights, maths.clip(raw_mean, 1.0)), after),
        (_add(weights, maths.clip(_mean(raw, plain), 1.0)), after),
        (
            _add(weights, raw_mean),
            _("Nothing was clipped. Map `clip_work` over the clients' trained weights."),
        ),
        (
            _add(weights, trained_mean),
            _(
                "`server_work` wants the average update, and got average weights. Use what `clip_work` "
                "returns."
            ),
        ),
        (
            _add(weights, maths.each(lambda u: -u, mean)),
            _(
                "The updates point backwards. `clip_work` takes the given weights first, then the trained "
                "ones."
            ),
        ),
        (
            _add(weights, maths.each(lambda *u: sum(u), *updates)),
            _("These are the updates added up. Average them, or ten clients move ten times as far as one."),
        ),
        (mean, skipped),
        (_add(weights, mean, rate=1.0), skipped),
        (_add(mean, weights), _("`server_work` takes the server's weights first, then the mean update.")),
        (weights, _("The weights came back unchanged.")),
        (
            _add(weights, _mean(clipped_trained, sizes)),
            _(
                "The weights are clipped, not the updates. Give `clip_work` the weights that were "
                "broadcast too."
            ),
        ),
    )


def _mad_problem(got, weights: Weights, clients: list[list[float]]) -> Problem | None:
    sizes = [len(client) for client in clients]
    return judge(
        _("next_fn(…) with three clients, one of which sends an enormous update"),
        got,
        _add(weights, _mean(_toy_updates(weights, clients), sizes)),
        _(
            "Clip each client's update with `clip_work`, average what is left, and give that to "
            "`server_work`."
        ),
        _round_mistakes(weights, clients),
    )


def _sizes_problem(got, weights: Weights, clients: list[list[float]]) -> Problem | None:
    sizes, updates = [len(client) for client in clients], _toy_updates(weights, clients)
    total = maths.each(lambda *u: sum(n * x for n, x in zip(sizes, u, strict=True)), *updates)
    not_divided = _(
        "The weighted sum must be divided by the total of the weights. `tff.federated_mean` does both."
    )
    return judge(
        _("next_fn(…) with clients of 1, 6 and 2 examples, none of them mad"),
        got,
        _add(weights, _mean(updates, sizes)),
        _("Average the updates, each weighted by its client's `num_examples`."),
        (
            (
                _add(weights, _mean(updates, [1.0] * len(updates))),
                _(
                    "Each client counts the same here, though one has six times the examples of another. "
                    "Give `tff.federated_mean` a `weight`."
                ),
            ),
            (_add(weights, total), not_divided),
            (_add(weights, maths.each(lambda u: u / len(sizes), total)), not_divided),
            *_round_mistakes(weights, clients),
        ),
    )


# --- adapt_clipping_norm ---


@exercise(
    parts={N_("grows when too few fit, shrinks when too many do"): 1, N_("moves by the right factor"): 2},
    hints=(
        N_(
            "Ask one question of each client: was your update no longer than the clipping norm? Yes is 1, "
            "no is 0. What is the mean of the answers, and what should it be?"
        ),
        N_(
            "If the share of those that fit is above the target, the norm is too large and must shrink. "
            "`tf.exp` of a negative number is a factor below 1."
        ),
        N_(
            "`share = tf.reduce_mean(tf.cast(update_norms <= clipping_norm, tf.float32))`, then "
            "`clipping_norm * tf.exp(-learning_rate * (share - target_quantile))`."
        ),
    ),
    why=N_(
        "Each client said yes or no, nothing else: the server never learnt a norm. And since the step is a "
        "factor, the clipping norm stays above zero, and it takes as many rounds from 0.01 to 0.1 as from "
        "10 to 100. How far off a mad client's norm is does not matter either: it has one vote."
    ),
)
def adapt_clipping_norm(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    # Two of eight fit below the first clipping norm, all eight below the second; the target is four.
    update_norms = np.float32(np.concatenate([rng.uniform(0.2, 0.5, 2), rng.uniform(0.8, 2.0, 5), [3.0]]))
    small, large = np.float32(0.6), np.float32(4.0)
    shares, target, rate = np.array([2 / 8, 1.0]), 0.5, 0.4
    norms = np.array([small, large], dtype=float)
    got = answer.ask(
        harness.adapt_clipping_norm,
        clipping_norms=[small, large],
        update_norms=update_norms,
        target_quantile=target,
        learning_rate=rate,
    )
    called = _(
        "adapt_clipping_norm(0.6, …, 0.5, 0.4) where 2 of 8 updates fit, and adapt_clipping_norm(4.0, …) "
        "where all do"
    )
    want = norms * np.exp(-rate * (shares - target))
    if any(shape_of(value) != () for value in got):
        problem = judge(
            called, got, list(want), _("Return a single number: the clipping norm of the next round.")
        )
        yield N_("grows when too few fit, shrinks when too many do"), problem
        return
    values = np.array(got, dtype=float)
    right_way = values[0] > norms[0] and values[1] < norms[1]
    problem = judge(
        called,
        list(values),
        list(want),
        _(
            "The next norm is this one times exp(-learning_rate * (share - target_quantile)), where share is "
            "the share of updates that are no longer than the clipping norm."
        ),
        _adapt_mistakes(norms, shares, target, rate, update_norms),
    )
    yield N_("grows when too few fit, shrinks when too many do"), None if right_way else problem
    yield N_("moves by the right factor"), problem


def _adapt_mistakes(
    norms: np.ndarray, shares: np.ndarray, target: float, rate: float, updates: np.ndarray
) -> tuple:
    step, count = -rate * (shares - target), len(updates)
    additive = _("You add the step. Multiply by its exponential: so the norm never falls to zero or below.")
    quantile = float(np.quantile(updates, target))
    candidates = (
        (norms, _("The clipping norm did not move.")),
        (norms * np.exp(-step), _away()),
        (
            norms * np.exp(-rate * ((1 - shares) - target)),
            _("This is the share that is longer. Count those that are no longer than the clipping norm."),
        ),
        (norms + step, additive),
        (norms - step, additive),
        (
            norms * (1 + step),
            _("This is only close to the exponential. Take `tf.exp`: then a large step is safe too."),
        ),
        (
            norms * np.exp(-rate * (shares * count - target)),
            _("This counts the updates that fit. Take their share: divide by how many updates there are."),
        ),
        (norms * np.exp(-rate * shares), _("`target_quantile` is missing: the norm could only ever shrink.")),
        (norms * np.exp(-(shares - target)), _("`learning_rate` is missing.")),
        (np.exp(step), _("This is the factor. Multiply the clipping norm by it.")),
        (
            np.full(2, quantile),
            _(
                "You took the quantile itself, for which the server would have to see every client's norm. "
                "Take a step towards it: the share that fits is enough."
            ),
        ),
        (
            norms * np.exp(-rate * (np.mean(updates) - norms)),
            _("Compare each norm with the clipping norm, and take the share that fits, not the mean norm."),
        ),
    )
    return tuple((list(value), hint) for value, hint in candidates)


def _away() -> str:
    return _("It moves the wrong way: when more fit than should, the norm is too large and must shrink.")
