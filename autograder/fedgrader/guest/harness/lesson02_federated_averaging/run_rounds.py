"""What runs beside an answer to `run_rounds`, lesson 2."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff


class _ToyProcess:
    """Stands for a learning process: its state is a number, and it notes what it is given each round."""

    def __init__(self, first_state):
        self._first_state = first_state
        self.given = []  # what came in: states and the clients' numbers
        self.outputs = []

    def initialize(self):
        return self._first_state

    def next(self, state, federated_data):
        clients = _clients(federated_data)
        self.given.append({"state": state if isinstance(state, int) else _kind(state), "clients": clients})
        after = state + 1 if isinstance(state, int) else state
        accuracy = 1 - 1 / (len(self.given) + 1)
        train = collections.OrderedDict(sparse_categorical_accuracy=np.float32(accuracy))
        metrics = collections.OrderedDict(client_work=collections.OrderedDict(train=train))
        self.outputs.append(tff.learning.templates.LearningProcessOutput(after, metrics))
        return self.outputs[-1]


def _clients(federated_data):
    """The number of each client, read from its dataset; a type's name where there is no list of datasets."""
    if not isinstance(federated_data, list | tuple):
        return _kind(federated_data)
    if not all(isinstance(dataset, tf.data.Dataset) for dataset in federated_data):
        return f"list[{_kind(federated_data[0])}]"
    return [int(next(iter(dataset))["x"]) for dataset in federated_data]


def _kind(value):
    """The type's name: `str` for all of numpy's texts too, `Dataset` for all of TensorFlow's datasets."""
    if isinstance(value, tf.data.Dataset):
        return "Dataset"
    return "str" if isinstance(value, str) else type(value).__name__


def run_rounds(answer, num_clients, clients_per_round, num_rounds, seeds, first_state):
    """For each seed: what the answer gave a toy process in each round, and what it returned.

    `returned` lists, output by output, the round (from 0) that it came from; it is a type's name when the
    answer returned something else than a list of outputs.
    """
    client_data = tff.simulation.datasets.TestClientData(
        {f"client_{number:02d}": collections.OrderedDict(x=[number]) for number in range(num_clients)}
    )
    runs = []
    for seed in seeds:
        process = _ToyProcess(first_state)
        returned = answer(process, client_data, clients_per_round, num_rounds, seed)
        runs.append({"given": process.given, "returned": _returned(returned, process.outputs)})
    return runs


def _returned(returned, outputs):
    if isinstance(returned, tff.learning.templates.LearningProcessOutput):
        return "LearningProcessOutput"
    if not isinstance(returned, list | tuple):
        return _kind(returned)
    rounds = [
        next((number for number, output in enumerate(outputs) if output is item), None) for item in returned
    ]
    if None in rounds:
        return f"{type(returned).__name__}[{_kind(returned[rounds.index(None)])}]"
    return rounds
