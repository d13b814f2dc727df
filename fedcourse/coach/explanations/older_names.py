"""Names of TFF's that moved or are gone, as older tutorials have them."""

from fedcourse.i18n import N_

# What older tutorials call it, and what TFF 0.87 does.
RENAMED = {
    "tf_computation": "tff.tensorflow.computation",
    "type_at_clients": "tff.FederatedType(…, tff.CLIENTS)",
    "type_at_server": "tff.FederatedType(…, tff.SERVER)",
    "NamedTupleType": "tff.StructType",
    "federated_apply": "tff.federated_map",
    "build_federated_averaging_process": "tff.learning.algorithms.build_weighted_fed_avg",
    "build_federated_evaluation": "tff.learning.algorithms.build_fed_eval",
    "build_federated_sgd_process": "tff.learning.algorithms.build_fed_sgd",
    "from_keras_model": "tff.learning.models.from_keras_model",
    "from_compiled_keras_model": "tff.learning.models.from_keras_model",
    "assign_weights_to_keras_model": "weights.assign_weights_to(keras_model)",
    "Model": "tff.learning.models.VariableModel",
    "BatchOutput": "tff.learning.models.BatchOutput",
    "ModelWeights": "tff.learning.models.ModelWeights",
    "ClientData": "tff.simulation.datasets.ClientData",
    "FromTensorSlicesClientData": "tff.simulation.datasets.TestClientData",
    "set_local_execution_context": "tff.backends.native.set_sync_local_cpp_execution_context",
    "set_local_python_execution_context": "tff.backends.native.set_sync_local_cpp_execution_context",
}

TABLE = (
    (
        AttributeError,
        rf"module 'tensorflow_federated[\w.]*' has no attribute '(?P<name>{'|'.join(RENAMED)})'",
        N_("`{name}` is from an older TFF. In TFF 0.87, write `{now}`."),
    ),
    (
        AttributeError,
        r"module 'tensorflow_federated[\w.]*' has no attribute '(?P<name>\w+)'",
        N_(
            "TFF 0.87 has no `{name}` in this place. Is it spelled right? If it comes from a tutorial, that "
            "is for another version: names moved, and some are gone."
        ),
    ),
)
