"""The check of `client_update`, lesson 9."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import contract, maths
from fedgrader.checks.lesson09_stateful_clients import shared
from fedgrader.checks.maths import Weights
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same, shape_of
from fedgrader.guest.problem import Problem

harness = Harness("lesson09_stateful_clients.client_update")
_FIELDS = {"update": ["vectors", "bias"], "client_state": ["taste", "rounds"]}


@dataclass(frozen=True)
class Client:
    """A client and what `client_update` is called with for it."""

    start: Weights
    taste: np.ndarray
    rounds: int
    batches: list[dict]
    local_rate: float
    global_rate: float
    passes: int

    @property
    def called(self) -> str:
        return _(
            "client_update(global_weights, client_state, dataset of batches of {sizes} ratings, "
            "local_rate={local_rate}, global_rate={global_rate}, local_passes={passes})"
        ).format(
            sizes=self.sizes, local_rate=self.local_rate, global_rate=self.global_rate, passes=self.passes
        )

    @property
    def sizes(self) -> list[int]:
        return [len(batch["item"]) for batch in self.batches]

    def new_taste(self) -> np.ndarray:
        return shared.train_taste(self.start, self.taste, self.batches * self.passes, self.local_rate)

    def update(self, taste: np.ndarray) -> Weights:
        trained = shared.train_films(self.start, taste, self.batches, self.global_rate)
        return maths.each(np.subtract, trained, self.start)


@exercise(
    parts={
        N_("returns the update, the new state and the number of ratings"): 1,
        N_("first moves the taste, with the films held still"): 2,
        N_("then moves the films, with the new taste held still"): 1,
        N_("counts the round and the ratings"): 1,
    },
    hints=(
        N_(
            "Two loops, one after the other. In each, one of the two gradients is used and the other is "
            "ignored. Where does the first loop get its taste from?"
        ),
        N_(
            'Loop one: start from `client_state["taste"]`, go through `dataset.repeat(local_passes)`, step '
            "with `local_rate`. Loop two: start from `global_weights`, go through `dataset` once, use the "
            "taste that loop one left, step with `global_rate`, and count the ratings."
        ),
        N_(
            "`for_films, for_taste = gradients(trained, taste, batch)` gives both. In loop one "
            "`taste -= local_rate * for_taste`; in loop two `trained = tf.nest.map_structure(lambda w, g: "
            "w - global_rate * g, trained, for_films)`. The update is `tf.nest.map_structure(tf.subtract, "
            "trained, global_weights)`."
        ),
    ),
    why=N_(
        "Two kinds of weights, two optimizers: the taste may take large steps, because it belongs to one "
        "person and nobody averages it; the films take the steps the server can live with. What goes up and "
        "what stays are now two fields of one result, and the next exercise sends them separate ways."
    ),
)
def client_update(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    clients = _clients(rng)
    main = clients[0]
    replies = answer.ask(
        harness.client_update,
        weights=main.start,
        clients=[{"state": {"taste": c.taste, "rounds": c.rounds}, "batches": c.batches} for c in clients],
        local_rate=main.local_rate,
        global_rate=main.global_rate,
        local_passes=main.passes,
    )
    asked = list(zip(clients, replies, strict=True))
    form = next(filter(None, (_output_problem(client, got) for client, got in asked)), None)
    yield N_("returns the update, the new state and the number of ratings"), form
    if form:
        return
    for part, judged in (
        (N_("first moves the taste, with the films held still"), _taste_problem),
        (N_("then moves the films, with the new taste held still"), _films_problem),
        (N_("counts the round and the ratings"), _counts_problem),
    ):
        yield part, next(filter(None, (judged(client, got) for client, got in asked)), None)


def _clients(rng: np.random.Generator) -> list[Client]:
    """A client with some batches, the last of them smaller; one with a single rating; one with none."""
    films, tastes = shared.sizes(rng)
    start = shared.weights(rng, films, tastes)
    passes, size = int(rng.integers(2, 4)), int(rng.integers(4, 7))
    rates = [round(float(rng.uniform(0.05, 0.12)), 3), round(float(rng.uniform(0.25, 0.35)), 3)]
    local_rate, global_rate = rng.permutation(rates).tolist()

    def client(sizes: list[int]) -> Client:
        batches = [_ratings(rng, films, size) for size in sizes]
        for batch in batches[1:]:  # one film in all of them, else it would not matter whether films move
            batch["item"][0] = batches[0]["item"][-1]
        mine = shared.state(rng, tastes, int(rng.integers(2, 9)))
        return Client(start, mine["taste"], mine["rounds"], batches, local_rate, global_rate, passes)

    return [client([*[size] * passes, int(rng.integers(1, 3))]), client([1]), client([])]


def _ratings(rng: np.random.Generator, films: int, size: int) -> dict[str, np.ndarray]:
    return {
        "item": rng.integers(0, films, size).astype(np.int32),
        "rating": rng.integers(1, 6, size).astype(np.float32),
    }


def _output_problem(client: Client, got) -> Problem | None:
    """A problem where fields, order of fields, shapes or dtypes are not those of the result."""
    hint = _fields_hint(got) or _tensors_hint(client, got)
    if hint is None:
        return None
    return Problem(
        called=client.called,
        got=describe(got),
        expected="OrderedDict(update=OrderedDict(vectors, bias), client_state=OrderedDict(taste, rounds), "
        "num_examples=float32)",
        hint=hint,
    )


def _fields_hint(got) -> str | None:
    if not isinstance(got, dict) or set(got) != {*_FIELDS, "num_examples"}:
        return _("Return one `OrderedDict` with the fields `update`, `client_state` and `num_examples`.")
    if list(got) != [*_FIELDS, "num_examples"]:
        return _("Right fields, wrong order. Keep the order `update`, `client_state`, `num_examples`.")
    for field, names in _FIELDS.items():
        if not isinstance(got[field], dict) or list(got[field]) != names:
            message = _("`{field}` must be an `OrderedDict` of `{first}` and `{second}`, in this order.")
            return message.format(field=field, first=names[0], second=names[1])
    return None


def _tensors_hint(client: Client, got: dict) -> str | None:
    wanted: dict[str, tuple[object, np.ndarray]] = {
        "vectors": (got["update"]["vectors"], client.start["vectors"]),
        "bias": (got["update"]["bias"], client.start["bias"]),
        "taste": (got["client_state"]["taste"], client.taste),
        "rounds": (got["client_state"]["rounds"], np.array(0, np.int32)),
        "num_examples": (got["num_examples"], np.array(0, np.float32)),
    }
    for name, (value, like) in wanted.items():
        if shape_of(value) != np.shape(like):
            return _(
                "Every tensor keeps the shape it came with; `rounds` and `num_examples` are single numbers."
            )
        if hint := contract.other_dtype(name, value, like.dtype.name):
            return hint
    return None


def _taste_problem(client: Client, got: dict) -> Problem | None:
    return judge(
        client.called + '["client_state"]["taste"]',
        got["client_state"]["taste"],
        client.new_taste(),
        _(
            "Start from the client's own taste and step against its gradient, batch by batch, "
            "`local_passes` times through the dataset, with `global_weights` unchanged."
        ),
        _taste_mistakes(client) if len(client.batches) > 1 else (),
    )


def _taste_mistakes(client: Client) -> tuple[tuple[np.ndarray, str], ...]:
    start, taste, batches, right = client.start, client.taste, client.batches, client.new_taste()
    rate, other, many = client.local_rate, client.global_rate, client.batches * client.passes
    train = shared.train_taste
    together = _("The films move in the same loop. Hold them still while the taste catches up.")
    return (
        (taste, _("The taste came back as it went in. Give the new value its name: `taste = …`.")),
        (
            train(start, np.zeros_like(taste), many, rate),
            _("You start from zeros, so all this client had learnt is lost. Start from its own taste."),
        ),
        (train(start, taste, many, -rate), _uphill()),
        (train(start, taste, many, other), _("The taste steps with `local_rate`, not with the other.")),
        (
            train(start, taste, batches, rate),
            _("One pass only. Go through the data `local_passes` times."),
        ),
        (train(start, taste, batches[:1], rate), _first_batch()),
        (train(start, taste, batches[:1] * client.passes, rate), _first_batch()),
        (
            train(start, taste, batches[: client.passes], rate),
            _("These are {count} batches. `local_passes` counts passes through all batches.").format(
                count=client.passes
            ),
        ),
        (shared.train_both(start, taste, many, rate, other)[1], together),
        (shared.train_both(start, taste, batches, rate, other)[1], together),
        (
            train(shared.train_films(start, taste, batches, other), taste, many, rate),
            _("The films moved first. Let the taste catch up with the films that the server sent."),
        ),
        (right - taste, _("This is the change of the taste. Keep the new taste itself.")),
        (
            train(start, right, batches, rate),
            _("The taste moves on in the second loop. Hold it still there."),
        ),
        (train(start, taste, batches[:-1] * client.passes, rate), _last_batch()),
    )


def _uphill() -> str:
    return _("The step goes up the slope. Subtract the gradient, do not add it.")


def _first_batch() -> str:
    return _("Only the first batch was used. Is there a `return` in the loop?")


def _last_batch() -> str:
    return _("The last batch, which is smaller, was left out. Its ratings count like all others.")


def _films_problem(client: Client, got: dict) -> Problem | None:
    """Judged by the taste that the answer itself arrived at, so that no mistake costs twice."""
    if same(got["update"], client.update(client.new_taste())):
        return None
    new = np.asarray(got["client_state"]["taste"])
    return judge(
        client.called + '["update"]',
        got["update"],
        client.update(new),
        _(
            "Start from `global_weights` and step with `global_rate`, once through the dataset, with the new "
            "taste; then return trained minus given."
        ),
        _films_mistakes(client, new) if len(client.batches) > 1 else (),
    )


def _films_mistakes(client: Client, new: np.ndarray) -> tuple[tuple[Weights, str], ...]:
    start, rate, batches = client.start, client.global_rate, client.batches

    def update(taste: np.ndarray = new, batches: list[dict] = batches, rate: float = rate) -> Weights:
        return maths.each(np.subtract, shared.train_films(start, taste, batches, rate), start)

    def both(batches: list[dict]) -> Weights:
        trained, _taste = shared.train_both(start, client.taste, batches, client.local_rate, rate)
        return maths.each(np.subtract, trained, start)

    right = update()
    together = _("Both move in the same loop. Give the films a loop of their own, after the taste's.")
    stale = maths.each(
        lambda *g: -rate * sum(g), *(shared.gradients(start, new, batch)[0] for batch in batches)
    )
    return (
        (maths.each(np.zeros_like, start), _("The update is zero: the films did not move.")),
        (update(client.taste), _("The films learn from the taste the client came with. Use the new one.")),
        (
            maths.each(np.add, start, right),
            _("These are the trained weights. Return the change: trained minus given."),
        ),
        (maths.each(np.negative, right), _("The update points backwards. It is trained minus given.")),
        (update(rate=-rate), _uphill()),
        (update(rate=client.local_rate), _("The films step with `global_rate`, not with the other.")),
        (
            update(batches=batches * client.passes),
            _("`local_passes` is for the taste. The films go through the data once."),
        ),
        (update(batches=batches[:1]), _first_batch()),
        (update(batches=batches[:-1]), _last_batch()),
        (
            right | {"bias": np.zeros_like(start["bias"])},
            _("`bias` did not move. It is a global weight, too."),
        ),
        (
            right | {"vectors": np.zeros_like(start["vectors"])},
            _("`vectors` did not move. They are global weights, too."),
        ),
        (stale, _("Every gradient is taken at the first weights. Take each one at `trained`.")),
        (both(batches), together),
        (both(batches * client.passes), together),
    )


def _counts_problem(client: Client, got: dict) -> Problem | None:
    return judge(
        client.called,
        {"rounds": got["client_state"]["rounds"], "num_examples": got["num_examples"]},
        {"rounds": client.rounds + 1, "num_examples": sum(client.sizes)},
        _("`rounds` is one more than it was, and `num_examples` is the number of ratings the client has."),
        _counts_mistakes(client) if len(client.sizes) > 1 else (),
    )


def _counts_mistakes(client: Client) -> tuple[tuple[dict, str], ...]:
    sizes, rounds = client.sizes, client.rounds
    ratings = sum(sizes)
    again = _("Each rating is counted once for each pass. Count in the second loop.")
    in_both = _("Each rating is counted in both loops. Count in the second loop only.")
    mistakes = (
        (rounds, ratings, _("`rounds` is what it was. Add 1: this client has taken part once more.")),
        (1, ratings, _("`rounds` begins anew. Add 1 to the number in the client's state.")),
        (rounds + client.passes, ratings, _("`rounds` counts rounds, not passes. Add 1.")),
        (rounds + 1, len(sizes), _("These are batches. Count the ratings in them.")),
        (rounds + 1, client.passes * ratings, again),
        (rounds + 1, (client.passes + 1) * ratings, in_both),
        (rounds + 1, sizes[-1], _("This is the size of the last batch. Add them all up.")),
        (
            rounds + 1,
            len(sizes) * sizes[0],
            _("This is the number of batches times the size of the first. The last one is smaller."),
        ),
        (rounds + 1, sum(sizes[:-1]), _last_batch()),
    )
    return tuple(({"rounds": rounds, "num_examples": number}, hint) for rounds, number, hint in mistakes)
