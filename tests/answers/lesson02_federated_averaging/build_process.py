"""Answers to `build_process(model_fn, client_rate, server_rate)`."""

import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

PROCESS = "builds a learning process"
CLIENT = "lets the clients step with `client_rate`"
SERVER = "lets the server step with `server_rate`"
WEIGHED = "weighs each client by its number of examples"

fed_avg = tff.learning.algorithms.build_weighted_fed_avg
sgd = tff.learning.optimizers.build_sgdm


@right
def in_order(model_fn, client_rate, server_rate):
    """Hands everything over by place."""
    return fed_avg(model_fn, sgd(client_rate), sgd(server_rate))


@right
def names_the_average(model_fn, client_rate, server_rate):
    """Says how clients are weighted and averaged, though that is the default."""
    return fed_avg(
        model_fn,
        client_optimizer_fn=sgd(learning_rate=client_rate, momentum=None),
        server_optimizer_fn=sgd(learning_rate=server_rate),
        client_weighting=tff.learning.ClientWeighting.NUM_EXAMPLES,
        model_aggregator=tff.aggregators.MeanFactory(),
    )


@right
def fed_prox_without_the_prox(model_fn, client_rate, server_rate):
    """FedProx with a pull of 0 towards the server's weights is federated averaging."""
    return tff.learning.algorithms.build_weighted_fed_prox(
        model_fn,
        proximal_strength=0.0,
        client_optimizer_fn=sgd(client_rate),
        server_optimizer_fn=sgd(server_rate),
    )


@wrong(PROCESS, hint="Replace `raise NotImplementedError`")
def untouched(model_fn, client_rate, server_rate):
    """Has not begun."""
    raise NotImplementedError


@wrong(PROCESS, hint="Put `return` before the process")
def forgot_to_return(model_fn, client_rate, server_rate):
    """Builds and drops."""
    fed_avg(model_fn, sgd(client_rate), sgd(server_rate))


@wrong(PROCESS, hint="This is the first state")
def returns_the_first_state(model_fn, client_rate, server_rate):
    """Starts right away."""
    return fed_avg(model_fn, sgd(client_rate), sgd(server_rate)).initialize()


@wrong(PROCESS, hint="This is a Keras optimizer")
def keras_optimizer(model_fn, client_rate, server_rate):
    """Follows an older tutorial, without its lambda."""
    return fed_avg(model_fn, tf.keras.optimizers.SGD(client_rate), tf.keras.optimizers.SGD(server_rate))


@wrong(PROCESS, hint="This is a Keras optimizer")
def keras_adam_at_the_server(model_fn, client_rate, server_rate):
    """Mixes the two kinds of optimizers."""
    return fed_avg(model_fn, sgd(client_rate), tf.keras.optimizers.Adam(server_rate))


@wrong(PROCESS, hint="Leave the `lambda` out")
def keras_optimizer_in_a_lambda(model_fn, client_rate, server_rate):
    """Follows an older tutorial to the letter."""
    return fed_avg(
        model_fn,
        lambda: tf.keras.optimizers.SGD(client_rate),
        lambda: tf.keras.optimizers.SGD(server_rate),
    )


@wrong(PROCESS, hint="Leave the `lambda` out")
def optimizer_in_a_lambda(model_fn, client_rate, server_rate):
    """Takes the argument's name at its word."""
    return fed_avg(model_fn, lambda: sgd(client_rate), lambda: sgd(server_rate))


@wrong(PROCESS, hint="A rate is no optimizer")
def rates_for_optimizers(model_fn, client_rate, server_rate):
    """Hands the rates over."""
    return fed_avg(model_fn, client_rate, server_rate)


@wrong(CLIENT, hint="The two rates are swapped")
def swaps_the_rates(model_fn, client_rate, server_rate):
    """Gives each side the other's rate."""
    return fed_avg(model_fn, sgd(server_rate), sgd(client_rate))


@wrong(CLIENT, hint="The clients use `server_rate`")
def server_rate_for_both(model_fn, client_rate, server_rate):
    """Copies the line and forgets to change it."""
    return fed_avg(model_fn, sgd(server_rate), sgd(server_rate))


@wrong(CLIENT, hint="The clients do not use `client_rate`")
def a_rate_from_a_tutorial(model_fn, client_rate, server_rate):
    """Writes a number that worked elsewhere."""
    return fed_avg(model_fn, sgd(0.02), sgd(server_rate))


@wrong(CLIENT, hint="Leave momentum out")
def momentum_on_the_clients(model_fn, client_rate, server_rate):
    """Adds momentum, since it helps elsewhere."""
    return fed_avg(model_fn, sgd(client_rate, momentum=0.9), sgd(server_rate))


@wrong(CLIENT, hint="Use plain gradient descent on both sides")
def adam_on_the_clients(model_fn, client_rate, server_rate):
    """Prefers Adam."""
    return fed_avg(model_fn, tff.learning.optimizers.build_adam(client_rate), sgd(server_rate))


@wrong(CLIENT, hint="takes no step")
def federated_sgd(model_fn, client_rate, server_rate):
    """Takes the neighbour of federated averaging."""
    return tff.learning.algorithms.build_fed_sgd(model_fn, sgd(server_rate))


@wrong(SERVER, hint="takes the average whole")
def no_server_optimizer(model_fn, client_rate, server_rate):
    """Leaves the server's optimizer to TFF."""
    return fed_avg(model_fn, sgd(client_rate))


@wrong(SERVER, hint="The server never moves")
def a_server_that_never_moves(model_fn, client_rate, server_rate):
    """Thinks that the server does not train, so its rate must be 0."""
    return fed_avg(model_fn, sgd(client_rate), sgd(0.0))


@wrong(SERVER, hint="The server uses `client_rate`")
def client_rate_for_both(model_fn, client_rate, server_rate):
    """Uses one optimizer twice."""
    optimizer = sgd(client_rate)
    return fed_avg(model_fn, optimizer, optimizer)


@wrong(SERVER, hint="Leave momentum out")
def momentum_at_the_server(model_fn, client_rate, server_rate):
    """Gives the server momentum."""
    return fed_avg(model_fn, sgd(client_rate), sgd(server_rate, momentum=0.9))


@wrong(WEIGHED, hint="counts as much as one with twelve")
def every_client_the_same(model_fn, client_rate, server_rate):
    """Takes the unweighted variant."""
    return tff.learning.algorithms.build_unweighted_fed_avg(
        model_fn, client_optimizer_fn=sgd(client_rate), server_optimizer_fn=sgd(server_rate)
    )


@wrong(WEIGHED, hint="counts as much as one with twelve")
def uniform_weighting(model_fn, client_rate, server_rate):
    """Asks for uniform weights, as that sounds fair."""
    return fed_avg(
        model_fn,
        sgd(client_rate),
        sgd(server_rate),
        client_weighting=tff.learning.ClientWeighting.UNIFORM,
    )


@wrong(CLIENT, hint="and nothing else")
def clips_the_changes(model_fn, client_rate, server_rate):
    """Averages robustly, as TFF's own examples do: large changes are clipped."""
    return fed_avg(
        model_fn,
        sgd(client_rate),
        sgd(server_rate),
        model_aggregator=tff.learning.robust_aggregator(),
    )


@wrong(SERVER, hint="The server does not use `server_rate`")
def a_server_rate_from_a_tutorial(model_fn, client_rate, server_rate):
    """Writes a number for the server."""
    return fed_avg(model_fn, sgd(client_rate), sgd(0.1))


@wrong(SERVER, hint="a process that only evaluates")
def an_evaluation(model_fn, client_rate, server_rate):
    """Takes the evaluation, which is a learning process as well."""
    return tff.learning.algorithms.build_fed_eval(model_fn)


@wrong(WEIGHED, hint="counts as much as one with twelve")
def unweighted_with_rates_of_the_lesson(model_fn, client_rate, server_rate):
    """Makes three mistakes, each of which costs its own part."""
    return tff.learning.algorithms.build_unweighted_fed_avg(model_fn, sgd(0.05), sgd(1.0))
