"""Reference solutions of lesson 9: clients with a state of their own."""

import collections

import tensorflow as tf
import tensorflow_federated as tff


def predict(global_weights, taste, items):
    """The stars that a user with this taste gives to some films, according to the model.

    Args:
      global_weights: OrderedDict(vectors float32[films, d], bias float32[films]): what all users share.
      taste: float32[d], what only this user has.
      items: int32[n], which films.

    Returns:
      float32[n]: for each film its bias, plus the sum of the products of its vector and the taste.
    """
    vectors = tf.gather(global_weights["vectors"], items)
    return tf.gather(global_weights["bias"], items) + tf.linalg.matvec(vectors, taste)


def loss(global_weights, taste, batch):
    """The mean squared error, in stars squared, of the predictions for a batch's ratings, a scalar."""
    return tf.reduce_mean((predict(global_weights, taste, batch["item"]) - batch["rating"]) ** 2)


def gradients(global_weights, taste, batch):
    """Both gradients of the loss: OrderedDict(vectors, bias) for the global weights, [d] for the taste."""
    with tf.GradientTape() as tape:
        tape.watch((global_weights, taste))
        batch_loss = loss(global_weights, taste, batch)
    # Of `tf.gather`, TensorFlow gives the gradient as a list of rows; this makes ordinary tensors of it.
    return tf.nest.map_structure(tf.convert_to_tensor, tape.gradient(batch_loss, (global_weights, taste)))


@tf.function
def client_update(global_weights, client_state, dataset, local_rate, global_rate, local_passes):
    """Train on one client: first its taste, with the films held still, then the films.

    Args:
      global_weights: OrderedDict(vectors float32[films, d], bias float32[films]), as the server sent them.
      client_state: OrderedDict(taste float32[d], rounds int32), as this client kept it.
      dataset: the client's batches, a `tf.data.Dataset` of OrderedDict(item int32[n], rating float32[n]); it
        may be empty.
      local_rate: the learning rate for the taste.
      global_rate: the learning rate for the global weights.
      local_passes: how often the first part goes through the dataset; the second part does so once.

    Returns:
      OrderedDict(update=OrderedDict(vectors, bias): trained minus given, client_state=the new state, with one
      round more, num_examples=how many ratings the client has, a float32 scalar).
    """
    taste = client_state["taste"]
    for batch in dataset.repeat(local_passes):
        _, for_taste = gradients(global_weights, taste, batch)
        taste -= local_rate * for_taste
    trained, num_examples = global_weights, tf.constant(0.0)
    for batch in dataset:
        for_global, _ = gradients(trained, taste, batch)
        trained = tf.nest.map_structure(lambda w, g: w - global_rate * g, trained, for_global)
        num_examples += tf.cast(tf.shape(batch["item"])[0], tf.float32)
    return collections.OrderedDict(
        update=tf.nest.map_structure(tf.subtract, trained, global_weights),
        client_state=collections.OrderedDict(taste=taste, rounds=client_state["rounds"] + 1),
        num_examples=num_examples,
    )


def next_fn(server_weights, client_states, client_data, client_work, server_work):
    """One round with clients that keep a state, as the body of a federated computation.

    Args:
      server_weights: a federated value at the server, the global weights before the round.
      client_states: a federated value at the clients, one state each.
      client_data: a federated value at the clients, one dataset each.
      client_work: a TFF computation (weights, state, dataset) -> <update, client_state, num_examples>.
      server_work: a TFF computation (weights, mean update) -> weights, to be run once, at the server.

    Returns:
      Two federated values: the global weights after the round, at the server; the new states, at the clients.
      Nothing of a state is sent to the server.
    """
    weights_at_clients = tff.federated_broadcast(server_weights)
    trained = tff.federated_map(client_work, (weights_at_clients, client_states, client_data))
    mean_update = tff.federated_mean(trained.update, weight=trained.num_examples)
    return tff.federated_map(server_work, (server_weights, mean_update)), trained.client_state


def run_round(one_round, server_weights, store, client_ids, data_of, first_state):
    """One round from outside: take the states out of the store, run the round, put the new states back.

    Args:
      one_round: (server weights, list of states, list of datasets) -> (server weights, list of new states);
        a call trains, so it is called once.
      server_weights: the global weights before the round.
      store: a dictionary from client id to that client's state; it alone is changed, in place.
      client_ids: the ids of the clients that take part, in any order.
      data_of: a function from client id to that client's dataset.
      first_state: a function without arguments that makes the state of a client who is not in the store.

    Returns:
      The global weights after the round, as `one_round` returned them.
    """
    states = [store[client_id] if client_id in store else first_state() for client_id in client_ids]
    data = [data_of(client_id) for client_id in client_ids]
    server_weights, new_states = one_round(server_weights, states, data)
    store.update(zip(client_ids, new_states, strict=True))
    return server_weights
