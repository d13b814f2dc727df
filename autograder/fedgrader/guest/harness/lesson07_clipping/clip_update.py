"""What runs beside an answer to `clip_update`, lesson 7."""

import collections

import tensorflow_federated as tff

from fedgrader.guest.harness.lesson07_clipping import shared


def clip_update(answer, server_weights, trained, max_norms):
    """What the answer returns for each of the trained weights with its `max_norm`, run by TFF as on a phone,
    and whether it kept what it was given.
    """
    weights_type, kept = shared.type_of(server_weights), []

    def clipped(trained_weights, max_norm):
        @tff.tensorflow.computation(weights_type, weights_type)
        def clip_work(server_weights, trained_weights):
            before = dict(server_weights), dict(trained_weights)
            result = answer(server_weights, trained_weights, max_norm)
            kept.extend(map(shared.is_unchanged, (server_weights, trained_weights), before))
            return result

        return clip_work(collections.OrderedDict(server_weights), collections.OrderedDict(trained_weights))

    results = [clipped(*case) for case in zip(trained, max_norms, strict=True)]
    return {"results": results, "kept": all(kept)}
