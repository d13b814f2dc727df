"""Reference solutions of lesson 4: federated types."""

import collections

import numpy as np
import tensorflow_federated as tff


def plain_types(side):
    """The types of five values, without saying who has them.

    Args:
      side: how many pixels an image is high, and wide.

    Returns:
      A dictionary of TFF types:
        label: the digit that one image shows, an int32.
        image: one image, float32, `side` by `side` pixels.
        example: a struct of `pixels`, an image, and `label`, in this order.
        batch: a struct of `x` and `y`: flattened images, one in each row, and their labels. How many
          examples a batch has is not known beforehand.
        dataset: one client's data, any number of such batches.
    """
    label = tff.TensorType(np.int32)
    image = tff.TensorType(np.float32, [side, side])
    batch = tff.StructType(
        [("x", tff.TensorType(np.float32, [None, side * side])), ("y", tff.TensorType(np.int32, [None]))]
    )
    return {
        "label": label,
        "image": image,
        "example": tff.StructType([("pixels", image), ("label", label)]),
        "batch": batch,
        "dataset": tff.SequenceType(batch),
    }


def placed_types(weights, batch):
    """The types of what the server and the clients have in a round, and of the round itself.

    Args:
      weights: the TFF type of a model's weights.
      batch: the TFF type of one batch.

    Returns:
      A dictionary of TFF types:
        server_weights: the weights that the server has.
        client_data: the clients' datasets of batches; each client has its own.
        received_weights: what the clients have just after the server broadcast its weights.
        trained_weights: what they have when each has trained these weights on its own data.
        one_round: the computation that takes `server_weights` and `client_data`, by these names and in
          this order, and gives back new weights at the server.
    """
    server_weights = tff.FederatedType(weights, tff.SERVER)
    client_data = tff.FederatedType(tff.SequenceType(batch), tff.CLIENTS)
    parameters = collections.OrderedDict(server_weights=server_weights, client_data=client_data)
    return {
        "server_weights": server_weights,
        "client_data": client_data,
        "received_weights": tff.FederatedType(weights, tff.CLIENTS, all_equal=True),
        "trained_weights": tff.FederatedType(weights, tff.CLIENTS),
        "one_round": tff.FunctionType(parameters, server_weights),
    }


def result_type(operator, value_type, function_type=None):
    """The type of what a federated operator gives back.

    Args:
      operator: "broadcast", "sum", "mean" or "map".
      value_type: the `tff.FederatedType` of the value that the operator is given; it suits the operator.
      function_type: for "map", the `tff.FunctionType` of the computation that is mapped.

    Returns:
      The `tff.FederatedType` of the result.
    """
    if operator == "broadcast":
        return tff.FederatedType(value_type.member, tff.CLIENTS, all_equal=True)
    if operator == "map":
        return tff.FederatedType(function_type.result, value_type.placement)
    return tff.FederatedType(value_type.member, tff.SERVER)


def may_be_passed(computation, offered):
    """Which values a computation takes as its argument.

    Args:
      computation: a TFF computation of one argument.
      offered: a dictionary that gives the TFF type of each value on offer, by the value's name. It is left
        as it is.

    Returns:
      A dictionary of the same names: True where the value may be passed, False where it is refused.
    """
    wanted = computation.type_signature.parameter
    return {name: wanted.is_assignable_from(offered_type) for name, offered_type in offered.items()}


def ink_spread(client_pages, mean_ink, distance, count_pages):
    """How differently people press their pens, and on how many pages that is based.

    Args:
      client_pages: a federated value at the clients: each one's sequence of pages.
      mean_ink: a TFF computation (pages -> float32): the mean ink of one client's pages.
      distance: a TFF computation (<pages, center> -> float32): how far one client's pages are from `center`.
      count_pages: a TFF computation (pages -> int32): how many pages one client has.

    Returns:
      OrderedDict(spread, num_pages), both at the server: the mean over the clients of their distance from
      the mean of all clients' mean inks, each client counting the same; and how many pages all clients have
      together.
    """
    center = tff.federated_mean(tff.federated_map(mean_ink, client_pages))
    distances = tff.federated_map(distance, (client_pages, tff.federated_broadcast(center)))
    counts = tff.federated_map(count_pages, client_pages)
    return collections.OrderedDict(spread=tff.federated_mean(distances), num_pages=tff.federated_sum(counts))
