"""Harnesses of lesson 2. Models are as small as can be: two numbers in, three scores out."""

import collections
import functools

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

_SPEC = collections.OrderedDict(x=tf.TensorSpec([None, 2], tf.float32), y=tf.TensorSpec([None], tf.int32))


def _keras_model(kernel, bias):
    """A softmax regression with the given first weights: kernel [2, 3], bias [3]."""
    return tf.keras.Sequential(
        [
            tf.keras.layers.InputLayer(input_shape=(2,)),
            tf.keras.layers.Dense(
                3,
                kernel_initializer=tf.constant_initializer(kernel),
                bias_initializer=tf.constant_initializer(bias),
            ),
        ]
    )


def _tff_model(kernel, bias):
    return tff.learning.models.from_keras_model(
        _keras_model(kernel, bias),
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        input_spec=_SPEC,
        metrics=[tf.keras.metrics.SparseCategoricalAccuracy()],
    )


def _ordered(batch):
    return collections.OrderedDict(x=batch["x"], y=batch["y"])


def make_model_fn(answer, kernel, bias):
    """What two calls of the answer's model_fn make.

    {"type": name} when no function comes back, {"raised": text} when the Keras model was refused as compiled.
    """
    model_fn = answer(functools.partial(_keras_model, kernel, bias), _SPEC)
    if isinstance(model_fn, tff.learning.models.VariableModel | tf.keras.Model) or not callable(model_fn):
        return {"type": type(model_fn).__name__.lstrip("_")}
    try:
        first, second = model_fn(), model_fn()
    except ValueError as error:
        if "must not be compiled" not in str(error):
            raise
        return {"raised": f"ValueError: {error}"}
    if not isinstance(second, tff.learning.models.VariableModel):
        return {"made": type(second).__name__}
    return {
        "same_model": first is second,
        "shared_weights": _share(first.trainable_variables, second.trainable_variables),
        "shared_metrics": _share(first.local_variables, second.local_variables),
        "input_spec": {
            name: f"{spec.dtype.name}{spec.shape.as_list()}" for name, spec in second.input_spec.items()
        },
    }


def _share(variables, others):
    return bool({id(variable) for variable in variables} & {id(other) for other in others})


def report(answer, kernel, bias, batch):
    """What the answer's model says of a batch when TFF records it, as on a client: its loss and metrics."""
    model_fn = answer(functools.partial(_keras_model, kernel, bias), _SPEC)

    @tff.tensorflow.computation
    def on_a_client():
        model = model_fn()

        @tf.function
        def forward_pass():
            output = model.forward_pass(tf.nest.map_structure(tf.constant, _ordered(batch)), training=True)
            return output.loss, model.report_local_unfinalized_metrics()

        loss, unfinished = forward_pass()
        finalizers = model.metric_finalizers()
        metrics = collections.OrderedDict(
            (name, finalizers[name](values)) for name, values in unfinished.items()
        )
        return collections.OrderedDict(loss=loss, metrics=metrics)

    return on_a_client()


def build_process(answer, kernel, bias, clients, client_rate, server_rate, num_rounds):
    """The server's weights after each round with all `clients`, lists of batches.

    {"type": name} when no process comes back, {"raised": text} when TFF did not take an optimizer.
    """
    try:
        process = answer(functools.partial(_tff_model, kernel, bias), client_rate, server_rate)
    except AttributeError as error:
        if "has no attribute 'initialize'" not in str(error):
            raise
        return {"raised": f"AttributeError: {error}"}
    if not isinstance(process, tff.learning.templates.LearningProcess):
        return {"type": type(process).__name__}
    state, weights = process.initialize(), []
    for _ in range(num_rounds):
        state = process.next(state, [[_ordered(batch) for batch in client] for client in clients]).state
        kernel_and_bias = process.get_model_weights(state).trainable
        weights.append(dict(zip(("kernel", "bias"), kernel_and_bias, strict=True)))
    return {"weights": weights}


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
        return f"list of {_kind(federated_data[0])}"
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
        return f"{type(returned).__name__} of {_kind(returned[rounds.index(None)])}"
    return rounds


@functools.cache
def _evaluation():
    """A federated evaluation of the small model, whose own first weights are zero."""
    return tff.learning.algorithms.build_fed_eval(
        functools.partial(_tff_model, np.zeros([2, 3]), np.zeros(3))
    )


def evaluate(answer, kernel, bias, train, test):
    """The accuracies that the answer finds; `train` and `test` map client ids to (x [n, 2], y [n])."""
    weights = tff.learning.models.ModelWeights([kernel, bias], [])
    return answer(_evaluation(), weights, _client_data(train), _client_data(test))


def _client_data(clients):
    examples = {name: collections.OrderedDict(x=x, y=y) for name, (x, y) in clients.items()}
    return tff.simulation.datasets.TestClientData(examples).preprocess(lambda dataset: dataset.batch(4))
