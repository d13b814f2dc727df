"""Answers to `server_update(state, mean_weights, learning_rate)`."""

import collections

import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

MOVES = "moves the weights towards the average"
ROUND = "counts the round"


def new_state(state, weights):
    return collections.OrderedDict(weights=weights, round_num=state["round_num"] + 1)


def leaf_by_leaf(function, state, mean_weights):
    return new_state(state, tf.nest.map_structure(function, state["weights"], mean_weights))


@right
def a_mixture(state, mean_weights, learning_rate):
    """Mixes old weights and average, field by field, without `tf.function`."""
    weights = collections.OrderedDict()
    for name, old in state["weights"].items():
        weights[name] = (1 - learning_rate) * old + learning_rate * mean_weights[name]
    return new_state(state, weights)


@right
def changes_the_state_it_was_given(state, mean_weights, learning_rate):
    """Writes into `state` and returns it."""
    for name in state["weights"]:
        state["weights"][name] += learning_rate * (mean_weights[name] - state["weights"][name])
    state["round_num"] += 1
    return state


@right
def keras_optimizer(state, mean_weights, learning_rate):
    """Takes the way back from the average for a gradient, and lets Keras step."""
    variables = [tf.Variable(w) for w in state["weights"].values()]
    optimizer = tf.keras.optimizers.SGD(learning_rate)

    @tf.function
    def step():
        gradients = [old - mean for old, mean in zip(variables, mean_weights.values(), strict=True)]
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return [variable.read_value() for variable in variables]

    return new_state(state, collections.OrderedDict(zip(state["weights"], step(), strict=True)))


@right
def tff_optimizer(state, mean_weights, learning_rate):
    """Uses an optimizer of `tff.learning`, which works on structures."""
    weights = state["weights"]
    optimizer = tff.learning.optimizers.build_sgdm(learning_rate)
    optimizer_state = optimizer.initialize(
        tf.nest.map_structure(lambda w: tf.TensorSpec(w.shape, w.dtype), weights)
    )
    gradients = tf.nest.map_structure(lambda w, m: w - m, weights, mean_weights)
    _, moved = optimizer.next(optimizer_state, weights, gradients)
    return new_state(state, moved)


@wrong(MOVES, hint="Replace `raise NotImplementedError`")
@tf.function
def untouched(state, mean_weights, learning_rate):
    """Has not begun."""
    raise NotImplementedError


@wrong(MOVES, hint="The function returned nothing")
def forgot_to_return(state, mean_weights, learning_rate):
    """Works the new state out and drops it."""
    leaf_by_leaf(lambda w, m: w + learning_rate * (m - w), state, mean_weights)


@wrong(MOVES, hint="Return an `OrderedDict` with `weights` and `round_num`")
def a_pair(state, mean_weights, learning_rate):
    """Returns a tuple."""
    new = leaf_by_leaf(lambda w, m: w + learning_rate * (m - w), state, mean_weights)
    return new["weights"], new["round_num"]


@wrong(MOVES, hint="Right fields, wrong order")
def round_first(state, mean_weights, learning_rate):
    """Thinks that the order of the fields does not matter."""
    new = leaf_by_leaf(lambda w, m: w + learning_rate * (m - w), state, mean_weights)
    return collections.OrderedDict(round_num=new["round_num"], weights=new["weights"])


@wrong(MOVES, hint='write `["weights"]`')
def writes_a_dot(state, mean_weights, learning_rate):
    """Writes the dot of federated values."""
    weights = tf.nest.map_structure(lambda w, m: w + learning_rate * (m - w), state.weights, mean_weights)
    return new_state(state, weights)


@wrong(MOVES, hint="goes leaf by leaf")
def arithmetic_on_structures(state, mean_weights, learning_rate):
    """Treats the weights as one tensor."""
    return new_state(state, state["weights"] + learning_rate * (mean_weights - state["weights"]))


@wrong(MOVES, hint="Variables that are assigned outside `@tf.function`")
def assigns_outside_tf_function(state, mean_weights, learning_rate):
    """Assigns where nothing waits for the assignment, so that the first weights come back for ever."""
    variables = tf.nest.map_structure(tf.Variable, state["weights"])
    tf.nest.map_structure(lambda v, m: v.assign_add(learning_rate * (m - v)), variables, mean_weights)
    return new_state(state, variables)


@wrong(MOVES, hint="You take the average whole")
def takes_the_average(state, mean_weights, learning_rate):
    """Does not use the learning rate."""
    return new_state(state, mean_weights)


@wrong(MOVES, hint="You always go half of the way")
def meets_half_way(state, mean_weights, learning_rate):
    """Averages the average with the old weights."""
    return leaf_by_leaf(lambda w, m: (w + m) / 2, state, mean_weights)


@wrong(MOVES, hint="are weights, not a change")
def adds_the_average(state, mean_weights, learning_rate):
    """Takes the average for a change."""
    return leaf_by_leaf(lambda w, m: w + learning_rate * m, state, mean_weights)


@wrong(MOVES, hint="are weights, not a gradient")
def subtracts_the_average(state, mean_weights, learning_rate):
    """Takes the average for a gradient."""
    return leaf_by_leaf(lambda w, m: w - learning_rate * m, state, mean_weights)


@wrong(MOVES, hint="Check the sign")
def walks_away(state, mean_weights, learning_rate):
    """Subtracts the step."""
    return leaf_by_leaf(lambda w, m: w - learning_rate * (m - w), state, mean_weights)


@wrong(MOVES, hint="This is the step alone")
def the_step_alone(state, mean_weights, learning_rate):
    """Returns how far to go."""
    return leaf_by_leaf(lambda w, m: learning_rate * (m - w), state, mean_weights)


@wrong(MOVES, hint="The two shares are swapped")
def swaps_the_shares(state, mean_weights, learning_rate):
    """Mixes the wrong way round."""
    return leaf_by_leaf(lambda w, m: learning_rate * w + (1 - learning_rate) * m, state, mean_weights)


@wrong(MOVES, hint="`bias` did not move")
def moves_the_kernel_only(state, mean_weights, learning_rate):
    """Forgets the bias."""
    old, mean = state["weights"]["kernel"], mean_weights["kernel"]
    kernel = old + learning_rate * (mean - old)
    return new_state(state, collections.OrderedDict(kernel=kernel, bias=state["weights"]["bias"]))


@wrong(ROUND, hint="The round's number did not change")
def same_round_for_ever(state, mean_weights, learning_rate):
    """Does not count."""
    new = leaf_by_leaf(lambda w, m: w + learning_rate * (m - w), state, mean_weights)
    return collections.OrderedDict(weights=new["weights"], round_num=state["round_num"])


@wrong(ROUND, hint="one more than it was")
def always_round_one(state, mean_weights, learning_rate):
    """Starts to count in every round."""
    new = leaf_by_leaf(lambda w, m: w + learning_rate * (m - w), state, mean_weights)
    return collections.OrderedDict(weights=new["weights"], round_num=1)


@wrong(ROUND, hint="Return the next round's number in the field `round_num`")
def weights_alone(state, mean_weights, learning_rate):
    """Returns the weights, and no state."""
    return leaf_by_leaf(lambda w, m: w + learning_rate * (m - w), state, mean_weights)["weights"]


@wrong(MOVES, hint="The field `learning_rate` is one too many")
def one_field_more(state, mean_weights, learning_rate):
    """Keeps the learning rate in the state."""
    new = leaf_by_leaf(lambda w, m: w + learning_rate * (m - w), state, mean_weights)
    return collections.OrderedDict(**new, learning_rate=learning_rate)


@wrong(MOVES, hint="Cast it back with `tf.cast`")
def moves_in_doubles(state, mean_weights, learning_rate):
    """Returns float64."""
    return leaf_by_leaf(lambda w, m: tf.cast(w + learning_rate * (m - w), tf.float64), state, mean_weights)


@wrong(MOVES, hint="`learning_rate` of the way from where the server is")
def a_rate_of_its_own(state, mean_weights, learning_rate):
    """Goes 0.3 of the way, whatever the argument says."""
    return leaf_by_leaf(lambda w, m: w + 0.3 * (m - w), state, mean_weights)


@wrong(ROUND, hint="Cast it back with `tf.cast`")
def counts_in_floats(state, mean_weights, learning_rate):
    """Makes a float of the round's number, which TFF refuses in the next round."""
    new = leaf_by_leaf(lambda w, m: w + learning_rate * (m - w), state, mean_weights)
    return collections.OrderedDict(
        weights=new["weights"], round_num=tf.cast(state["round_num"], tf.float32) + 1.0
    )


@wrong(MOVES, hint="The field `weights` is missing")
def the_round_alone(state, mean_weights, learning_rate):
    """Thinks that the weights are somebody else's to return."""
    return collections.OrderedDict(round_num=state["round_num"] + 1)
