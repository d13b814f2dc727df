"""Answers to `result_type(operator, value_type, function_type)`."""

import numpy as np
import tensorflow_federated as tff
from answers import right, wrong

BROADCAST = "broadcast: from the server to all clients"
COLLECT = "sum and mean: from the clients to the server"
MAP = "map: another value in the same place"


def right_type(operator, value_type, function_type=None):
    if operator == "broadcast":
        return tff.FederatedType(value_type.member, tff.CLIENTS, all_equal=True)
    if operator == "map":
        return tff.FederatedType(function_type.result, value_type.placement)
    return tff.FederatedType(value_type.member, tff.SERVER)


@right
def a_table(operator, value_type, function_type=None):
    """Looks the placement up in a dictionary."""
    places = {"broadcast": tff.CLIENTS, "sum": tff.SERVER, "mean": tff.SERVER, "map": value_type.placement}
    member = function_type.result if function_type else value_type.member
    placement = places[operator]
    return tff.FederatedType(member, placement, operator == "broadcast" or placement is tff.SERVER)


@right
def asks_the_placement(operator, value_type, function_type=None):
    """Decides by where the value is."""
    if function_type is not None:
        return tff.FederatedType(function_type.result, value_type.placement)
    if value_type.placement is tff.SERVER:
        return tff.FederatedType(value_type.member, tff.CLIENTS, all_equal=True)
    return tff.FederatedType(value_type.member, tff.SERVER)


@right
def asks_tff(operator, value_type, function_type=None):
    """Lets TFF trace the operator, with a function that is passed in, and takes the type of the result."""
    operators = {
        "broadcast": tff.federated_broadcast,
        "sum": tff.federated_sum,
        "mean": tff.federated_mean,
    }
    if operator == "map":
        traced = tff.federated_computation(lambda f, x: tff.federated_map(f, x), function_type, value_type)
    else:
        traced = tff.federated_computation(lambda x: operators[operator](x), value_type)
    return traced.type_signature.result


@wrong(BROADCAST, hint="Replace `raise NotImplementedError`")
def untouched(operator, value_type, function_type=None):
    """Has not begun."""
    raise NotImplementedError


@wrong(BROADCAST, hint="Here all have the same one")
def forgot_all_equal(operator, value_type, function_type=None):
    """Gives each client a value of its own, though the server sent all the same."""
    if operator == "broadcast":
        return tff.FederatedType(value_type.member, tff.CLIENTS)
    return right_type(operator, value_type, function_type)


@wrong(BROADCAST, hint="`broadcast` brings it to another place")
def nothing_changes(operator, value_type, function_type=None):
    """Thinks that a value keeps its type wherever it goes."""
    return value_type if operator == "broadcast" else right_type(operator, value_type, function_type)


@wrong(BROADCAST, hint="A placement stands outside, once")
def places_what_is_placed(operator, value_type, function_type=None):
    """Forgets `.member`."""
    if operator == "broadcast":
        return tff.FederatedType(value_type, tff.CLIENTS, all_equal=True)
    return right_type(operator, value_type, function_type)


@wrong(BROADCAST, hint="but not who has it")
def only_the_member(operator, value_type, function_type=None):
    """Returns what moves, not where it ends."""
    return value_type.member


@wrong(BROADCAST, hint="Nothing came back")
def forgot_to_return(operator, value_type, function_type=None):
    """Builds the type and drops it."""
    right_type(operator, value_type, function_type)


@wrong(BROADCAST, hint="A text is how TFF prints a type")
def returns_text(operator, value_type, function_type=None):
    """Returns what TFF would print."""
    return str(right_type(operator, value_type, function_type))


@wrong(COLLECT, hint="This value is at the server: `tff.SERVER`")
def all_to_the_clients(operator, value_type, function_type=None):
    """Thinks that each client learns the sum."""
    if operator in ("sum", "mean"):
        return tff.FederatedType(value_type.member, tff.CLIENTS, all_equal=True)
    return right_type(operator, value_type, function_type)


@wrong(COLLECT, hint="`sum` brings it to another place")
def sum_stays(operator, value_type, function_type=None):
    """Thinks that the clients' values are summed where they are."""
    return value_type if operator == "sum" else right_type(operator, value_type, function_type)


@wrong(COLLECT, hint="needs no braces")
def braces_at_the_server(operator, value_type, function_type=None):
    """Keeps `all_equal` from the clients."""
    if operator in ("sum", "mean"):
        return tff.FederatedType(value_type.member, tff.SERVER, value_type.all_equal)
    return right_type(operator, value_type, function_type)


@wrong(COLLECT, hint="Nothing came back")
def forgot_mean(operator, value_type, function_type=None):
    """Handles `sum` and forgets `mean`."""
    return None if operator == "mean" else right_type(operator, value_type, function_type)


@wrong(MAP, hint="What comes out of it is `function_type.result`")
def keeps_the_member(operator, value_type, function_type=None):
    """Thinks that a map changes values and never types."""
    return value_type if operator == "map" else right_type(operator, value_type, function_type)


@wrong(MAP, hint="What comes out of it is `function_type.result`")
def takes_the_parameter(operator, value_type, function_type=None):
    """Takes the wrong side of the arrow."""
    if operator == "map":
        return tff.FederatedType(function_type.parameter, value_type.placement)
    return right_type(operator, value_type, function_type)


@wrong(MAP, hint="This value is at the server")
def maps_only_at_clients(operator, value_type, function_type=None):
    """Thinks that only clients compute."""
    if operator == "map":
        return tff.FederatedType(function_type.result, tff.CLIENTS)
    return right_type(operator, value_type, function_type)


@wrong(MAP, hint="it may throw dice")
def keeps_all_equal(operator, value_type, function_type=None):
    """Thinks that the same function of the same value is the same value."""
    if operator == "map":
        return tff.FederatedType(function_type.result, value_type.placement, value_type.all_equal)
    return right_type(operator, value_type, function_type)


@wrong(MAP, hint="This value is at the clients")
def map_collects(operator, value_type, function_type=None):
    """Thinks that results of a map go to the server."""
    if operator == "map":
        return tff.FederatedType(function_type.result, tff.SERVER)
    return right_type(operator, value_type, function_type)


@wrong(MAP, hint="is the type of a whole computation")
def returns_the_function(operator, value_type, function_type=None):
    """Returns the function's type as it is."""
    return function_type if operator == "map" else right_type(operator, value_type, function_type)


@wrong(MAP, hint="but not who has it")
def forgets_the_placement(operator, value_type, function_type=None):
    """Says what comes out and not where."""
    return function_type.result if operator == "map" else right_type(operator, value_type, function_type)


@wrong(COLLECT, hint="has the wrong number of bits")
def means_are_float32(operator, value_type, function_type=None):
    """Thinks that every mean is a float32."""
    if operator == "mean" and isinstance(value_type.member, tff.TensorType):
        return tff.FederatedType(tff.TensorType(np.float32, value_type.member.shape), tff.SERVER)
    return right_type(operator, value_type, function_type)


@wrong(MAP, hint="Read the last line of the error first")
def maps_give_tensors(operator, value_type, function_type=None):
    """Builds the result of a map from a dtype and a shape, which a struct has not."""
    if operator == "map":
        result = function_type.result
        return tff.FederatedType(tff.TensorType(result.dtype, result.shape), value_type.placement)
    return right_type(operator, value_type, function_type)


@wrong(MAP, hint="it may throw dice")
def a_function_of_the_same_type_changes_nothing(operator, value_type, function_type=None):
    """Returns what goes in where the function's two types are the same."""
    if operator == "map" and function_type.parameter == function_type.result:
        return value_type
    return right_type(operator, value_type, function_type)
