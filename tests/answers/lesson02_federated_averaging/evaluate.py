"""Answers to `evaluate(evaluation, model_weights, train, test)`."""

import collections
import functools

import numpy as np
from answers import right, wrong

FORM = "returns the two accuracies"
WEIGHTS = "measures the weights it is given"
SEEN = "seen clients: on the pages they kept back"
UNSEEN = "unseen clients: on those who are only in test"


def metrics_of(evaluation, state, client_data, client_ids):
    federated_data = [client_data.create_tf_dataset_for_client(client_id) for client_id in client_ids]
    return evaluation.next(state, federated_data).metrics["client_work"]["eval"]["current_round_metrics"]


def accuracy(evaluation, model_weights, client_data, client_ids):
    state = evaluation.set_model_weights(evaluation.initialize(), model_weights)
    return float(metrics_of(evaluation, state, client_data, client_ids)["sparse_categorical_accuracy"])


def strangers_of(train, test):
    return [client_id for client_id in test.client_ids if client_id not in train.client_ids]


def both(seen, unseen):
    return {"seen clients": seen, "unseen clients": unseen}


@right
def a_helper_for_both(evaluation, model_weights, train, test):
    """Sets the weights anew for each group; finds the strangers itself."""
    return both(
        accuracy(evaluation, model_weights, test, train.client_ids),
        accuracy(evaluation, model_weights, test, strangers_of(train, test)),
    )


@right
def goes_on_with_the_state(evaluation, model_weights, train, test):
    """Hands the state of the first evaluation to the second, and reads each round's own metrics."""
    state = evaluation.set_model_weights(evaluation.initialize(), model_weights)
    results = {}
    for name, ids in (("unseen clients", strangers_of(train, test)), ("seen clients", train.client_ids)):
        output = evaluation.next(state, [test.create_tf_dataset_for_client(i) for i in ids])
        state = output.state
        now = output.metrics["client_work"]["eval"]["current_round_metrics"]
        results[name] = now["sparse_categorical_accuracy"]
    return results


@right
def adds_up_client_by_client(evaluation, model_weights, train, test):
    """Evaluates one client at a time, and lets each page count the same."""
    state = evaluation.set_model_weights(evaluation.initialize(), model_weights)

    def pooled(client_ids):
        found = [metrics_of(evaluation, state, test, [client_id]) for client_id in client_ids]
        right_ones = sum(m["sparse_categorical_accuracy"] * m["num_examples"] for m in found)
        return right_ones / sum(m["num_examples"] for m in found)

    return both(pooled(train.client_ids), pooled(set(test.client_ids) - set(train.client_ids)))


@wrong(FORM, hint="Replace `raise NotImplementedError`")
def untouched(evaluation, model_weights, train, test):
    """Has not begun."""
    raise NotImplementedError


@wrong(FORM, hint="End the function with `return` and a dict")
def forgot_to_return(evaluation, model_weights, train, test):
    """Measures and keeps silent."""
    accuracy(evaluation, model_weights, test, train.client_ids)


@wrong(FORM, hint="just these two names")
def a_pair(evaluation, model_weights, train, test):
    """Returns a tuple."""
    return (
        accuracy(evaluation, model_weights, test, train.client_ids),
        accuracy(evaluation, model_weights, test, strangers_of(train, test)),
    )


@wrong(FORM, hint="must be one number")
def whole_metrics(evaluation, model_weights, train, test):
    """Returns all metrics of each group."""
    state = evaluation.set_model_weights(evaluation.initialize(), model_weights)
    return both(
        metrics_of(evaluation, state, test, train.client_ids),
        metrics_of(evaluation, state, test, strangers_of(train, test)),
    )


@wrong(WEIGHTS, hint="accuracies of an untrained model")
def evaluates_the_initial_weights(evaluation, model_weights, train, test):
    """Never says which weights to measure."""
    state = evaluation.initialize()
    return both(
        metrics_of(evaluation, state, test, train.client_ids)["sparse_categorical_accuracy"],
        metrics_of(evaluation, state, test, strangers_of(train, test))["sparse_categorical_accuracy"],
    )


@wrong(WEIGHTS, hint="it leaves the old one as it was")
def drops_the_new_state(evaluation, model_weights, train, test):
    """Thinks that `set_model_weights` changes the state in place."""
    state = evaluation.initialize()
    evaluation.set_model_weights(state, model_weights)
    return both(
        metrics_of(evaluation, state, test, train.client_ids)["sparse_categorical_accuracy"],
        metrics_of(evaluation, state, test, strangers_of(train, test))["sparse_categorical_accuracy"],
    )


@wrong(SEEN, hint="These are the pages the model was trained on")
def on_the_training_pages(evaluation, model_weights, train, test):
    """Measures the seen clients on what they trained with."""
    return both(
        accuracy(evaluation, model_weights, train, train.client_ids),
        accuracy(evaluation, model_weights, test, strangers_of(train, test)),
    )


@wrong(SEEN, hint="The two groups are swapped")
def swaps_the_groups(evaluation, model_weights, train, test):
    """Names the groups the other way round."""
    return both(
        accuracy(evaluation, model_weights, test, strangers_of(train, test)),
        accuracy(evaluation, model_weights, test, train.client_ids),
    )


@wrong(SEEN, hint="This is the mean of the clients' accuracies")
def mean_of_means(evaluation, model_weights, train, test):
    """Averages the accuracies of the clients."""

    def mean(client_ids):
        return np.mean([accuracy(evaluation, model_weights, test, [name]) for name in client_ids])

    return both(mean(train.client_ids), mean(strangers_of(train, test)))


@wrong(UNSEEN, hint="This is everybody in `test`")
def everybody_in_test(evaluation, model_weights, train, test):
    """Takes `test` for a list of strangers."""
    return both(
        accuracy(evaluation, model_weights, test, train.client_ids),
        accuracy(evaluation, model_weights, test, test.client_ids),
    )


@wrong(UNSEEN, hint="not `total_rounds_metrics`")
def totals_of_both_groups(evaluation, model_weights, train, test):
    """Goes on with the state, and reads the totals, which remember the first group."""
    state = evaluation.set_model_weights(evaluation.initialize(), model_weights)
    found = []
    for client_ids in (train.client_ids, strangers_of(train, test)):
        output = evaluation.next(state, [test.create_tf_dataset_for_client(i) for i in client_ids])
        state = output.state
        found.append(output.metrics["client_work"]["eval"]["total_rounds_metrics"])
    return both(*(metrics["sparse_categorical_accuracy"] for metrics in found))


@wrong(UNSEEN, hint="The strangers are only in `test`")
def the_same_group_twice(evaluation, model_weights, train, test):
    """Copies the line and forgets to change it."""
    seen = accuracy(evaluation, model_weights, test, train.client_ids)
    return both(seen, seen)


@right
def by_name(evaluation, model_weights, train, test):
    """Goes through the clients in reverse, and returns an ordered dictionary, strangers first."""
    measured = functools.partial(accuracy, evaluation, model_weights, test)
    return collections.OrderedDict(
        [
            ("unseen clients", measured(strangers_of(train, test)[::-1])),
            ("seen clients", measured(train.client_ids[::-1])),
        ]
    )


@wrong(SEEN, hint="A client's place in `test.client_ids` does not say")
def the_first_are_seen(evaluation, model_weights, train, test):
    """Takes the strangers for the last clients of `test`."""
    count = len(train.client_ids)
    return both(
        accuracy(evaluation, model_weights, test, test.client_ids[:count]),
        accuracy(evaluation, model_weights, test, test.client_ids[count:]),
    )


@wrong(SEEN, hint="not `total_rounds_metrics`")
def totals_with_the_strangers_first(evaluation, model_weights, train, test):
    """Measures the strangers first, goes on with the state, and reads the totals."""
    state = evaluation.set_model_weights(evaluation.initialize(), model_weights)
    found = []
    for client_ids in (strangers_of(train, test), train.client_ids):
        output = evaluation.next(state, [test.create_tf_dataset_for_client(i) for i in client_ids])
        state = output.state
        found.append(output.metrics["client_work"]["eval"]["total_rounds_metrics"])
    return both(*(metrics["sparse_categorical_accuracy"] for metrics in found[::-1]))


@wrong(WEIGHTS, hint="accuracies of an untrained model")
def weights_for_one_group(evaluation, model_weights, train, test):
    """Puts the weights in for the first group only."""
    strangers = metrics_of(evaluation, evaluation.initialize(), test, strangers_of(train, test))
    return both(
        accuracy(evaluation, model_weights, test, train.client_ids), strangers["sparse_categorical_accuracy"]
    )


@wrong(SEEN, hint="Read, from `test`, the datasets of all clients")
def the_first_batch(evaluation, model_weights, train, test):
    """Measures one batch of each client, to save time."""
    first = test.preprocess(lambda dataset: dataset.take(1))
    return both(
        accuracy(evaluation, model_weights, first, train.client_ids),
        accuracy(evaluation, model_weights, first, strangers_of(train, test)),
    )


@wrong(UNSEEN, hint="Read, from `test`, the datasets of all clients")
def without_the_last_stranger(evaluation, model_weights, train, test):
    """Leaves the last stranger out."""
    return both(
        accuracy(evaluation, model_weights, test, train.client_ids),
        accuracy(evaluation, model_weights, test, strangers_of(train, test)[:-1]),
    )
