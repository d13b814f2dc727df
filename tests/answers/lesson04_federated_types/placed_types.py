"""Answers to `placed_types(weights, batch)`."""

import collections

import numpy as np
import tensorflow_federated as tff
from answers import right, wrong

WHO = "says what the server and what each client has"
EQUAL = "tells what all clients share from what each has of its own"
ROUND = "writes the type of the round"


def right_types(weights, batch, **instead):
    types = {
        "server_weights": tff.FederatedType(weights, tff.SERVER),
        "client_data": tff.FederatedType(tff.SequenceType(batch), tff.CLIENTS),
        "received_weights": tff.FederatedType(weights, tff.CLIENTS, all_equal=True),
        "trained_weights": tff.FederatedType(weights, tff.CLIENTS),
    } | instead
    return {"one_round": round_type(types["server_weights"], types["client_data"])} | types


def round_type(weights, data):
    return tff.FunctionType(collections.OrderedDict(server_weights=weights, client_data=data), weights)


@right
def says_everything(weights, batch):
    """Writes out every `all_equal`."""
    return right_types(
        weights,
        batch,
        server_weights=tff.FederatedType(weights, tff.SERVER, all_equal=True),
        trained_weights=tff.FederatedType(weights, tff.CLIENTS, all_equal=False),
    )


@right
def struct_type_for_parameters(weights, batch):
    """Writes the parameters as a `StructType`."""
    types = right_types(weights, batch)
    fields = [(name, types[name]) for name in ("server_weights", "client_data")]
    return types | {"one_round": tff.FunctionType(tff.StructType(fields), types["server_weights"])}


@right
def asks_tff(weights, batch):
    """Traces computations and takes their types."""
    types = right_types(weights, batch)

    @tff.federated_computation(types["server_weights"], types["client_data"])
    def one_round(server_weights, client_data):
        return server_weights

    @tff.federated_computation(types["server_weights"])
    def send(value):
        return tff.federated_broadcast(value)

    return types | {"one_round": one_round.type_signature, "received_weights": send.type_signature.result}


@wrong(WHO, hint="Replace `raise NotImplementedError`")
def untouched(weights, batch):
    """Has not begun."""
    raise NotImplementedError


@wrong(WHO, hint="This value is at the server: `tff.SERVER`")
def clients_for_server(weights, batch):
    """Places everything at the clients."""
    return right_types(weights, batch, server_weights=tff.FederatedType(weights, tff.CLIENTS))


@wrong(WHO, hint="This value is at the clients: `tff.CLIENTS`")
def server_for_clients(weights, batch):
    """Thinks that the data are collected at the server."""
    data = tff.FederatedType(tff.SequenceType(batch), tff.SERVER)
    return right_types(weights, batch, client_data=data)


@wrong(WHO, hint="A dataset holds any number of them")
def missing_sequence(weights, batch):
    """Gives each client one batch."""
    return right_types(weights, batch, client_data=tff.FederatedType(batch, tff.CLIENTS))


@wrong(WHO, hint="A placement stands outside, once")
def places_the_elements(weights, batch):
    """Places each batch, and makes a sequence of what is placed."""
    data = tff.SequenceType(tff.FederatedType(batch, tff.CLIENTS))
    return right_types(weights, batch, client_data=data)


@wrong(WHO, hint="each field has a placement of its own")
def places_the_fields(weights, batch):
    """Places each field of the weights, and makes a struct of what is placed."""
    fields = [(name, tff.FederatedType(weights[name], tff.SERVER)) for name in dir(weights)]
    return right_types(weights, batch, server_weights=tff.StructType(fields))


@wrong(WHO, hint="but not who has it")
def not_placed(weights, batch):
    """Says what the value is, and leaves it at that."""
    return right_types(weights, batch, server_weights=weights)


@wrong(WHO, hint="without quotation marks")
def placement_as_text(weights, batch):
    """Writes the placement as TFF prints it."""
    return right_types(weights, batch, server_weights=tff.FederatedType(weights, "SERVER"))


@wrong(WHO, hint="The type comes first")
def placement_first(weights, batch):
    """Swaps the arguments of `FederatedType`."""
    return right_types(weights, batch, server_weights=tff.FederatedType(tff.SERVER, weights))


@wrong(WHO, hint="promises that all clients have the same value")
def everybody_has_the_same_data(weights, batch):
    """Reads `all_equal` as "of equal type"."""
    data = tff.FederatedType(tff.SequenceType(batch), tff.CLIENTS, all_equal=True)
    return right_types(weights, batch, client_data=data)


@wrong(EQUAL, hint="Here all have the same one")
def forgot_all_equal(weights, batch):
    """Thinks that whatever is at the clients has braces."""
    return right_types(weights, batch, received_weights=tff.FederatedType(weights, tff.CLIENTS))


@wrong(EQUAL, hint="Here each has its own")
def all_equal_after_training(weights, batch):
    """Thinks that weights stay the same when each client trains them."""
    trained = tff.FederatedType(weights, tff.CLIENTS, all_equal=True)
    return right_types(weights, batch, trained_weights=trained)


@wrong(EQUAL, hint="This value is at the clients")
def still_at_the_server(weights, batch):
    """Thinks that what the server sent is still the server's."""
    return right_types(weights, batch, received_weights=tff.FederatedType(weights, tff.SERVER))


@wrong(ROUND, hint="Parameter and result are swapped")
def result_first(weights, batch):
    """Reads the function's type from right to left."""
    types = right_types(weights, batch)
    one_round = types["one_round"]
    return types | {"one_round": tff.FunctionType(one_round.result, one_round.parameter)}


@wrong(ROUND, hint="Names come from an `OrderedDict`")
def nameless_parameters(weights, batch):
    """Lists the parameters without their names."""
    types = right_types(weights, batch)
    both = (types["server_weights"], types["client_data"])
    return types | {"one_round": tff.FunctionType(both, types["server_weights"])}


@wrong(ROUND, hint="the right fields in the wrong order")
def data_first(weights, batch):
    """Swaps the two parameters."""
    types = right_types(weights, batch)
    both = [(name, types[name]) for name in ("client_data", "server_weights")]
    return types | {"one_round": tff.FunctionType(tff.StructType(both), types["server_weights"])}


@wrong(ROUND, hint="one value at one place. Here there are several")
def one_parameter(weights, batch):
    """Forgets that the server's weights go in as well."""
    types = right_types(weights, batch)
    return types | {"one_round": tff.FunctionType(types["client_data"], types["server_weights"])}


@wrong(ROUND, hint="This value is at the server")
def ends_at_the_clients(weights, batch):
    """Ends the round with what the clients trained."""
    types = right_types(weights, batch)
    return types | {"one_round": tff.FunctionType(types["one_round"].parameter, types["trained_weights"])}


@wrong(ROUND, hint="A computation has an arrow")
def only_the_result(weights, batch):
    """Writes what comes out and not what goes in."""
    types = right_types(weights, batch)
    return types | {"one_round": types["server_weights"]}


@wrong(ROUND, hint="has 3 fields. There should be 2")
def round_number_too(weights, batch):
    """Passes the number of the round along."""
    types = right_types(weights, batch)
    fields = [(name, types[name]) for name in ("server_weights", "client_data")]
    fields.append(("round_num", tff.FederatedType(np.int32, tff.SERVER)))
    parameters = tff.StructType(fields)
    return types | {"one_round": tff.FunctionType(parameters, types["server_weights"])}


@wrong(WHO, hint="Read the last line of the error first")
def takes_kernel_and_bias_for_granted(weights, batch):
    """Builds the weights' type anew from the fields of this course's model."""
    same = tff.to_type(collections.OrderedDict(kernel=weights.kernel, bias=weights.bias))
    return right_types(same, batch)
