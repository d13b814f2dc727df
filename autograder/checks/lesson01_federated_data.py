"""Checks of lesson 1: federated data."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from autograder.answers import AnswerHandle
from autograder.checking import Harness, Step, exercise, judge
from autograder.finding import Problem
from autograder.plain import describe
from fedcourse.i18n import N_, _

harness = Harness("lesson01_federated_data")

SIDE = 28


def _examples(rng: np.random.Generator, labels) -> dict[str, np.ndarray]:
    """A client's examples; image i is filled with the grey value i / 100, so that it can be recognized."""
    labels = np.asarray(labels, np.int32)
    greys = (np.arange(len(labels), dtype=np.float32) / 100)[:, None, None]
    return {"pixels": np.broadcast_to(greys, (len(labels), SIDE, SIDE)).copy(), "labels": labels}


# --- label_counts ---


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
    everything = rng.permutation(np.repeat(np.arange(10), rng.permutation(np.arange(1, 11))))
    some = rng.permutation(np.repeat([1, 4, 7], [3, 1, 2]))
    yield N_("counts every label"), _count_problem(answer, rng, everything, _("all ten digits"))
    yield (
        N_("keeps a place for digits that do not occur"),
        _count_problem(answer, rng, some, _("the digits 1, 4 and 7 alone")),
    )


def _count_problem(answer: AnswerHandle, rng: np.random.Generator, labels, content: str) -> Problem | None:
    got = answer.ask(harness.label_counts, **_examples(rng, labels))
    counts = np.bincount(labels, minlength=10)
    present = counts[counts > 0]
    short = _("The places of absent digits are missing. The answer has ten places, whoever the client is.")
    return judge(
        _("label_counts(dataset of {number} images with {content})").format(
            number=len(labels), content=content
        ),
        np.asarray(got) if isinstance(got, list) and _flat(got) else got,
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


def _flat(items: list) -> bool:
    return all(np.shape(item) == () and not isinstance(item, dict | str) for item in items)


# --- preprocess ---

_NUMBER, _EPOCHS, _BATCH = 23, 3, 5
_SIZES = [5, 5, 5, 5, 3] * 3
_ENDLESS = 200  # batches; no right answer comes near


@exercise(
    parts={
        N_("makes x and y, with flat images"): 1,
        N_("makes batches of the right size"): 1,
        N_("goes through every example once an epoch"): 1,
        N_("shuffles examples, not batches"): 1,
        N_("orders every epoch anew, but repeatably"): 1,
    },
    hints=(
        N_(
            "Four methods of `tf.data.Dataset` do the work, and their order is the exercise: `map`, "
            "`shuffle`, `batch`, `repeat`. What would happen if two of them changed places?"
        ),
        N_(
            "Shuffle while the elements are still single images; batch before you repeat, so that no "
            "batch mixes two epochs."
        ),
        N_(
            "`dataset.map(to_example).shuffle(1000, seed=seed).batch(batch_size).repeat(epochs)`, "
            'where `to_example` returns `OrderedDict(x=tf.reshape(element["pixels"], [784]), '
            'y=element["label"])`.'
        ),
    ),
    why=N_(
        "The order of the four calls is the meaning. Shuffling before batching mixes the images; "
        "repeating after batching keeps the epochs apart; and because `shuffle` starts anew at "
        "each repetition, every epoch sees another order, while the seed makes the whole sequence "
        "repeatable."
    ),
)
def preprocess(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    examples = _examples(rng, rng.integers(0, 10, _NUMBER))
    seed = int(rng.integers(1, 1000))
    asked = dict(**examples, epochs=_EPOCHS, batch_size=_BATCH, most=_ENDLESS)
    batches = answer.ask(harness.preprocess, **asked, seed=seed)
    called = _(
        "preprocess(dataset of {number} images, epochs={epochs}, batch_size={batch}, seed={seed})"
    ).format(number=_NUMBER, epochs=_EPOCHS, batch=_BATCH, seed=seed)
    problem = _form_problem(batches, called)
    yield N_("makes x and y, with flat images"), problem
    if problem:
        return
    sizes = [len(batch["y"]) for batch in batches]
    order = [_seen(batch) for batch in batches]
    flat = [index for batch in order for index in batch]
    yield N_("makes batches of the right size"), _sizes_problem(sizes, called)
    yield (
        N_("goes through every example once an epoch"),
        _epochs_problem(flat, batches, examples["labels"], called),
    )
    yield N_("shuffles examples, not batches"), _shuffle_problem(order, called)
    again, other = (_order(answer.ask(harness.preprocess, **asked, seed=s)) for s in (seed, seed + 1))
    yield N_("orders every epoch anew, but repeatably"), _repeatable_problem(flat, again, other, called)


def _seen(batch: dict) -> list[int]:
    """Which images a batch holds, read from their grey values."""
    return [round(float(grey) * 100) for grey in np.asarray(batch["x"])[:, 0]]


def _order(batches) -> list[int]:
    return [index for batch in batches for index in _seen(batch)]


def _form_problem(batches, called: str) -> Problem | None:
    expected = "tf.data.Dataset of OrderedDict(x=float32[batch, 784], y=int32[batch])"
    if isinstance(batches, dict):
        hint = _(
            "Return the `tf.data.Dataset` that the last method gave you, without turning it into "
            "something else."
        )
        return Problem(called, _("an object of type `{type}`").format(type=batches["type"]), expected, hint)
    if not batches:
        return Problem(
            called, _("a dataset without a batch"), expected, _("Nothing came out. Check `repeat`.")
        )
    first = batches[0]
    hint = _form_hint(first)
    return (
        Problem(called, _("batches like {batch}").format(batch=describe(first)), expected, hint)
        if hint
        else None
    )


def _form_hint(batch) -> str | None:
    if isinstance(batch, dict) and set(batch) == {"label", "pixels"}:
        return _(
            "The fields still have their old names. Rename them in `map`; and go on with what each "
            "method returns, for it leaves the old dataset as it was."
        )
    if not isinstance(batch, dict) or set(batch) != {"x", "y"}:
        return _("Each element must be an `OrderedDict` with just the two fields `x` and `y`.")
    x, y = np.asarray(batch["x"]), np.asarray(batch["y"])
    if x.dtype != np.float32:
        return _("`x` must stay float32.")
    if x.ndim == 1 and x.shape == (784,):
        return _("These are single images. Batch them.")
    if x.ndim != 2 or x.shape[1] != 784:
        return _('Flatten each image: `tf.reshape(element["pixels"], [784])`, before batching.')
    if y.ndim != 1:
        return _("`y` has one dimension too many: one number for each image of the batch is enough.")
    if y.dtype != np.int32:
        return _("`y` must stay int32, as it was: TFF compares types exactly.")
    if not set(np.round(x[:, 0] * 100, 3)) <= set(range(_NUMBER)):
        return _("The pixels' values have changed. Leave them: they lie between 0 and 1 already.")
    return None


def _sizes_problem(sizes: list[int], called: str) -> Problem | None:
    straddling = [5] * 13 + [4]
    mixed = sizes if sorted(sizes) == sorted(_SIZES) else None
    endless = sizes if len(sizes) >= _ENDLESS else None
    return judge(
        called,
        sizes,
        _SIZES,
        _("Each epoch is cut into batches of `batch_size`, and only its last batch may be smaller."),
        (
            (straddling, _("A batch mixes two epochs. Batch first, repeat afterwards.")),
            ([5] * 4 * 3, _("The last examples of each epoch are dropped. Leave `drop_remainder` out.")),
            (
                [5] * 13,
                _("The last examples are dropped, and batches mix epochs. Batch first, repeat afterwards."),
            ),
            ([5, 5, 5, 5, 3], _("One epoch came out. Repeat the dataset `epochs` times.")),
            ([5, 5, 5, 5, 3] * 2, _("An epoch is missing: `repeat(epochs)` already includes the first.")),
            ([5, 5, 5, 5, 3] * 4, _("One epoch too many: `repeat(epochs)` already includes the first.")),
            ([23] * 3, _("The whole dataset became one batch. Use `batch_size`.")),
            (
                mixed,
                _("A small batch comes too early: whole batches are shuffled. Shuffle before you batch."),
            ),
            (endless, _("`repeat()` without a number never ends. Use `repeat(epochs)`.")),
        ),
        expected=_("batches of the sizes {sizes}").format(sizes=_SIZES),
    )


def _epochs_problem(flat: list[int], batches: list, labels: np.ndarray, called: str) -> Problem | None:
    expected = _("{epochs} times {number} images, each image once in each epoch, with its own label").format(
        epochs=_EPOCHS, number=_NUMBER
    )
    if len(batches) >= _ENDLESS:
        hint = _("`repeat()` without a number never ends. Use `repeat(epochs)`.")
        return Problem(called, _("more than {number} batches").format(number=_ENDLESS), expected, hint)
    if len(flat) != _NUMBER * _EPOCHS:
        hint = _("Repeat the dataset `epochs` times, and drop nothing.")
        return Problem(called, _("{number} images in all").format(number=len(flat)), expected, hint)
    epochs = [sorted(flat[start : start + _NUMBER]) for start in range(0, len(flat), _NUMBER)]
    if any(epoch != list(range(_NUMBER)) for epoch in epochs):
        twice = _("some images twice in one epoch, others not at all")
        hint = _("`repeat` before `shuffle` mixes the epochs. Shuffle first.")
        return Problem(called, twice, expected, hint)
    seen_labels = np.concatenate([np.asarray(batch["y"]) for batch in batches])
    if not np.array_equal(seen_labels, labels[flat]):
        hint = _("Images and labels went separate ways. Map and shuffle them together, as one dataset.")
        return Problem(called, _("images with other images' labels"), expected, hint)
    return None


def _shuffle_problem(order: list[list[int]], called: str) -> Problem | None:
    expected = _("batches whose images come from all over the dataset")
    example = _("a batch with the images {indices}").format(indices=order[0])
    flat = [index for batch in order for index in batch]
    if flat[:_NUMBER] == list(range(_NUMBER)):
        hint = _(
            "Nothing is shuffled in the first epoch. Call `shuffle` with a buffer larger than the dataset."
        )
        return Problem(called, example, expected, hint)
    runs = sum(batch == list(range(batch[0], batch[0] + len(batch))) for batch in order if len(batch) > 1)
    if runs > len(order) // 2:
        hint = _("Whole batches are shuffled; inside, neighbours stay together. Shuffle before you batch.")
        return Problem(called, example, expected, hint)
    # A buffer of n elements lets no image come more than n - 1 places early. Three shuffles of the whole
    # dataset stay below 10 places once in five million.
    early = max(index - place % _NUMBER for place, index in enumerate(flat))
    if early < 10:
        hint = _(
            "Images hardly leave their place: the shuffle buffer is too small. Make it as large as the "
            "dataset."
        )
        return Problem(called, example, expected, hint)
    return None


def _repeatable_problem(flat: list[int], again: list[int], other: list[int], called: str) -> Problem | None:
    first, second = flat[:_NUMBER], flat[_NUMBER : 2 * _NUMBER]
    if first == second:
        return Problem(
            called,
            _("the same order in the first two epochs"),
            _("a new order in every epoch"),
            _(
                "Let `shuffle` shuffle again at each repetition: put it before `repeat`, and leave "
                "`reshuffle_each_iteration` at True."
            ),
        )
    if flat != again:
        return Problem(
            called,
            _("another order when called again"),
            _("the same order for the same seed"),
            _("Hand the seed on: `shuffle(…, seed=seed)`."),
        )
    if flat == other:
        return Problem(
            called,
            _("the same order for another seed"),
            _("an order that depends on the seed"),
            _("Use the argument `seed`, not a number of your own."),
        )
    return None


# --- sample_clients ---

_IDS = [f"client_{number:02d}" for number in range(12)]
_ROUNDS = list(range(60))


@exercise(
    parts={
        N_("chooses the right number, nobody twice"): 1,
        N_("chooses anew every round, so that everybody gets a turn"): 1,
        N_("chooses the same for the same round and seed"): 1,
    },
    hints=(
        N_(
            "Make a random generator inside the function. What must its seed be made of, so that round "
            "4 differs from round 3, but round 3 is the same tomorrow?"
        ),
        N_(
            "`np.random.default_rng(...)` makes a generator from a seed, and the seed may be a list of "
            "numbers."
        ),
        N_(
            "`np.random.default_rng([seed, round_num]).choice(client_ids, num_clients, "
            "replace=False)`; then `.tolist()`."
        ),
    ),
    why=N_(
        "Without replacement nobody is counted twice in a round; with a generator made from the "
        "seed and the round number, each round draws afresh and yet the whole experiment can be "
        "repeated, even from the middle."
    ),
)
def sample_clients(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    seed = int(rng.integers(1, 10_000))
    ids = [str(name) for name in rng.permutation(_IDS)]
    asked = dict(client_ids=ids, num_clients=4, rounds=_ROUNDS)
    got = answer.ask(harness.sample_clients, **asked, seed=seed)
    called = _("sample_clients({number} client ids, num_clients=4, round_num=0, seed={seed})").format(
        number=len(ids), seed=seed
    )
    problem = _choice_problem(got["choices"], called) or _spoilt_problem(got["client_ids"], ids, called)
    yield N_("chooses the right number, nobody twice"), problem
    if not all(isinstance(choice, list) for choice in got["choices"]):
        return
    yield (
        N_("chooses anew every round, so that everybody gets a turn"),
        _turns_problem(got["choices"], called),
    )
    again = answer.ask(harness.sample_clients, **asked, seed=seed)["choices"]
    alone = answer.ask(harness.sample_clients, **(asked | {"rounds": [9]}), seed=seed)["choices"]
    others = [answer.ask(harness.sample_clients, **asked, seed=seed + n)["choices"] for n in (1, 2)]
    yield (
        N_("chooses the same for the same round and seed"),
        _same_choice_problem(got["choices"], again, alone, called)
        or _other_seed_problem(got["choices"], others, called),
    )


def _choice_problem(choices: list, called: str) -> Problem | None:
    expected = _("a list of 4 different ids, all from `client_ids`")
    for choice in choices:
        hint = _choice_hint(choice)
        if hint:
            return Problem(called, describe(choice), expected, hint)
    return None


def _choice_hint(choice) -> str | None:
    if not isinstance(choice, list):
        return _("Return a list of client ids.")
    if len(set(choice)) < len(choice):
        return _("Someone was drawn twice. Draw without replacement: `replace=False`, or `random.sample`.")
    if len(choice) != 4:
        return _("Choose exactly `num_clients` clients.")
    if not set(choice) <= set(_IDS):
        return _("Return the ids themselves, not their positions.")
    return None


def _spoilt_problem(after: list[str], before: list[str], called: str) -> Problem | None:
    if after == before:
        return None
    return Problem(
        called,
        _("a list `client_ids` that is no longer as it was"),
        _("the caller's list, unchanged"),
        _("`shuffle` works in place. Draw from the list, or shuffle a copy."),
    )


def _turns_problem(choices: list[list[str]], called: str) -> Problem | None:
    if all(set(choice) == set(choices[0]) for choice in choices):
        return Problem(
            called,
            _("the same clients in all {rounds} rounds").format(rounds=len(choices)),
            _("other clients in other rounds"),
            _("Let the draw depend on `round_num` too, for example through the generator's seed."),
        )
    missing = sorted(set(_IDS) - {name for choice in choices for name in choice})
    repeated = sum(set(a) == set(b) for a, b in pairwise(choices))
    if missing or repeated > len(choices) // 4:
        return Problem(
            called,
            _(
                "{missing} of 12 clients never drawn in {rounds} rounds, {repeated} rounds like the one "
                "before"
            ).format(missing=len(missing), rounds=len(choices), repeated=repeated),
            _("everybody drawn now and then"),
            _("Draw from all clients in every round, each with the same chance."),
        )
    return None


def _same_choice_problem(choices, again, alone, called: str) -> Problem | None:
    if choices != again or choices[9] != alone[0]:
        return Problem(
            called,
            _("other clients when asked again for the same round"),
            _("the same clients for the same seed and round"),
            _(
                "Make a generator inside the function, from `seed` and `round_num`; one that lives outside "
                "remembers how often it was used."
            ),
        )
    return None


def _other_seed_problem(choices, others, called: str) -> Problem | None:
    expected = _("a draw that depends on the seed")
    if choices in others:
        hint = _("Use `seed` as well as `round_num`.")
        return Problem(called, _("the same clients for another seed"), expected, hint)
    if all(other[0] == choices[0] for other in others):
        return Problem(
            called,
            _("the same clients in round 0, whatever the seed"),
            expected,
            _("Give the generator both numbers, `[seed, round_num]`: their product is 0 in round 0."),
        )
    return None


# --- make_federated_data ---


@exercise(
    parts={
        N_("returns a list with one dataset a client"): 1,
        N_("takes the clients asked for, in order"): 1,
        N_("preprocesses each of them"): 1,
    },
    hints=(
        N_(
            "How many datasets should come out for three client ids? Of what type is the thing that "
            "holds them?"
        ),
        N_("`client_data.create_tf_dataset_for_client(client_id)` gives one client's dataset."),
        N_(
            "A list comprehension: "
            "`[preprocess_fn(client_data.create_tf_dataset_for_client(client_id)) for client_id in "
            "client_ids]`."
        ),
    ),
    why=N_(
        "A Python list of datasets is federated data in a simulation: each place in the list "
        "plays one phone. The moment the datasets are concatenated, nobody can tell any more whose "
        "data is whose, and nothing is federated."
    ),
)
def make_federated_data(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    sizes = {"ada": 3, "bo": 4, "cem": 1, "dan": 2, "eve": 5}
    labels = {name: [int(x) for x in rng.integers(0, 10, size)] for name, size in sizes.items()}
    clients = {name: tuple(_examples(rng, digits).values()) for name, digits in labels.items()}
    chosen = ["dan", "ada", "eve"]
    got = answer.ask(harness.make_federated_data, clients=clients, client_ids=chosen, most=_ENDLESS)
    called = 'make_federated_data(client_data, ["dan", "ada", "eve"], preprocess_fn)'
    problem = _list_problem(got, called)
    yield N_("returns a list with one dataset a client"), problem
    if problem:
        return
    content = [
        [int(number) for element in dataset for number in np.ravel(_label(element))]
        for dataset in got["datasets"]
    ]
    found = [[number % 10 for number in dataset] for dataset in content]
    yield N_("takes the clients asked for, in order"), _clients_problem(found, labels, chosen, called)
    yield N_("preprocesses each of them"), _preprocessed_problem(got["datasets"], content, called)


def _label(element):
    return element["label"] if isinstance(element, dict) else element


def _list_problem(got: dict, called: str) -> Problem | None:
    expected = _("a list of 3 datasets")
    if "type" in got:
        hint = _(
            "Return a Python list of `tf.data.Dataset`s, one for each client id; TFF takes nothing else."
        )
        return Problem(called, _("an object of type `{type}`").format(type=got["type"]), expected, hint)
    if len(got["datasets"]) == 3:
        return None
    hint = _("One dataset for each id in `client_ids`, no more, no fewer.")
    return Problem(
        called, _("a list of {number} datasets").format(number=len(got["datasets"])), expected, hint
    )


def _clients_problem(found: list, labels: dict, chosen: list[str], called: str) -> Problem | None:
    wanted = [labels[name] for name in chosen]
    in_order = [labels[name] for name in sorted(chosen)]
    return judge(
        called,
        found,
        wanted,
        _("Each dataset must hold the examples of its own client, and no others."),
        (
            (in_order, _("Right clients, wrong order. Keep the order of `client_ids`.")),
            (
                [labels[name] for name in list(labels)[:3]],
                _("These are the first clients. Take those asked for."),
            ),
            ([wanted[0]] * 3, _("The same client three times. Does the loop use its variable?")),
            ([wanted[-1]] * 3, _("The same client three times. Does the loop use its variable?")),
        ),
        expected=_("the labels {labels}").format(labels=describe(wanted)),
    )


def _preprocessed_problem(datasets: list, content: list[list[int]], called: str) -> Problem | None:
    """`preprocess_fn` adds 10 to each label, so the tens say how often it was called."""
    expected = _("datasets as `preprocess_fn` returns them")
    if any(isinstance(element, dict) for dataset in datasets for element in dataset):
        hint = _("The datasets are raw. Call `preprocess_fn` on each of them.")
        return Problem(called, _("datasets with `label` and `pixels`"), expected, hint)
    times = {number // 10 for dataset in content for number in dataset}
    if times != {1}:
        hint = _("Call `preprocess_fn` just once on each client's dataset.")
        return Problem(called, _("datasets preprocessed more than once"), expected, hint)
    if any(np.shape(element) for dataset in datasets for element in dataset):
        hint = _("Change nothing else: whoever wrote `preprocess_fn` has batched as they wanted it.")
        return Problem(called, _("batches"), expected, hint)
    return None
