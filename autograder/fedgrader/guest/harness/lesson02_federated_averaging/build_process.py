"""What runs beside an answer to `build_process`, lesson 2."""

import functools

import tensorflow_federated as tff

from fedgrader.guest.harness.lesson02_federated_averaging import shared


def build_process(answer, kernel, bias, clients, client_rate, server_rate, num_rounds):
    """The server's weights after each round with all `clients`, lists of batches.

    {"type": name} when no process comes back, {"raised": text} when TFF did not take an optimizer.
    """
    try:
        process = answer(functools.partial(shared.tff_model, kernel, bias), client_rate, server_rate)
    except AttributeError as error:
        if "has no attribute 'initialize'" not in str(error):
            raise
        return {"raised": f"AttributeError: {error}"}
    if not isinstance(process, tff.learning.templates.LearningProcess):
        return {"type": type(process).__name__}
    state, weights = process.initialize(), []
    for _ in range(num_rounds):
        state = process.next(state, [[shared.ordered(batch) for batch in client] for client in clients]).state
        kernel_and_bias = process.get_model_weights(state).trainable
        weights.append(dict(zip(("kernel", "bias"), kernel_and_bias, strict=True)))
    return {"weights": weights}
