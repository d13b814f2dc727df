"""What runs beside an answer to `run_rounds`, lesson 2."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

_MOST = 20  # elements of a dataset; no client has so many


class _Clients(tff.simulation.datasets.TestClientData):
    """Clients whose datasets hold numbers; each is made once, so that many rounds take little time."""

    def __init__(self, numbers):
        self._made = {}
        self._held = {}
        super().__init__({name: collections.OrderedDict(x=held) for name, held in numbers.items()})

    def create_tf_dataset_for_client(self, client_id):
        if client_id not in self._made:
            self._made[client_id] = super().create_tf_dataset_for_client(client_id)
        return self._made[client_id]

    def numbers_in(self, dataset):
        """The first numbers in a dataset, element by element; lists where it has been batched."""
        if not any(dataset is made for made in self._made.values()):
            return _numbers(dataset)
        if id(dataset) not in self._held:
            self._held[id(dataset)] = _numbers(dataset)
        return self._held[id(dataset)]


def _numbers(dataset):
    return [tf.nest.flatten(element)[0].numpy().tolist() for element in dataset.take(_MOST)]


class _ToyProcess:
    """Stands for a learning process: its state is a number, and it notes what it is given each round."""

    def __init__(self, first_state, clients):
        self._first_state = first_state
        self._clients = clients
        self.given = []  # what came in: states and the clients' numbers
        self.outputs = []

    def initialize(self):
        return self._first_state

    def next(self, state, federated_data):
        clients = self._read(federated_data)
        self.given.append({"state": state if isinstance(state, int) else _kind(state), "clients": clients})
        after = state + 1 if isinstance(state, int) else state
        accuracy = 1 - 1 / (len(self.given) + 1)
        train = collections.OrderedDict(sparse_categorical_accuracy=np.float32(accuracy))
        metrics = collections.OrderedDict(client_work=collections.OrderedDict(train=train))
        self.outputs.append(tff.learning.templates.LearningProcessOutput(after, metrics))
        return self.outputs[-1]

    def _read(self, federated_data):
        """The numbers in each client's dataset; a type's name where there is no list of datasets."""
        if not isinstance(federated_data, list | tuple):
            return _kind(federated_data)
        if not all(isinstance(dataset, tf.data.Dataset) for dataset in federated_data):
            return f"list[{_kind(federated_data[0])}]"
        return [self._clients.numbers_in(dataset) for dataset in federated_data]


def _kind(value):
    """The type's name: `str` for all of numpy's texts too, `Dataset` for all of TensorFlow's datasets."""
    if isinstance(value, tf.data.Dataset):
        return "Dataset"
    return "str" if isinstance(value, str) else type(value).__name__


def run_rounds(answer, numbers, clients_per_round, num_rounds, seeds, first_state):
    """For each seed: what the answer gave a toy process in each round, and what it returned.

    `numbers` maps each client's id to what its dataset holds. `returned` lists, output by output, the round
    (from 0) that it came from; it is a type's name when the answer returned something else than a list of
    outputs of this call.
    """
    clients, runs = _Clients(numbers), []
    for seed in seeds:
        process = _ToyProcess(first_state, clients)
        returned = answer(process, clients, clients_per_round, num_rounds, seed)
        runs.append({"given": process.given, "returned": _returned(returned, process.outputs)})
    return runs


def _returned(returned, outputs):
    if isinstance(returned, tff.learning.templates.LearningProcessOutput):
        return "LearningProcessOutput"
    if not isinstance(returned, list | tuple):
        return _kind(returned)
    places = {id(output): number for number, output in enumerate(outputs)}
    rounds = [places.get(id(item)) for item in returned]
    if None in rounds:
        return f"{type(returned).__name__}[{_kind(returned[rounds.index(None)])}]"
    return rounds
