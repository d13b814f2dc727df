"""What runs beside an answer to `clip_by_global_norm`, lesson 7."""

import collections

import tensorflow_federated as tff

from fedgrader.guest.harness.lesson07_clipping import shared


def clip_by_global_norm(answer, structures, max_norms):
    """What the answer returns for each structure and `max_norm`, run by TFF, and whether it kept it."""
    return [_clipped(answer, *case) for case in zip(structures, max_norms, strict=True)]


def _clipped(answer, structure, max_norm):
    kept = []

    @tff.tensorflow.computation(shared.type_of(structure))
    def work(given):
        before = dict(given)
        result = answer(given, max_norm)
        kept.append(shared.is_unchanged(given, before))
        return result

    return {"clipped": work(collections.OrderedDict(structure)), "kept": all(kept)}
