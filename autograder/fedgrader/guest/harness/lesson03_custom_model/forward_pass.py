"""What runs beside an answer to `forward_pass`, lesson 3."""

import collections

import tensorflow as tf
import tensorflow_federated as tff

from fedgrader.guest.harness.lesson03_custom_model import shared


def _fields(output):
    """The fields of a batch's output that are there, by name; none when it is no BatchOutput."""
    fields = output._asdict() if isinstance(output, tff.learning.models.BatchOutput) else {}
    return collections.OrderedDict((name, value) for name, value in fields.items() if value is not None)


def forward_pass(answer, variables, batches):
    """The type's name ("kind") of what is returned; a batch each, its fields ("result") and all variables."""

    def traced(notes):
        made = shared.made(variables)

        @tf.function(input_signature=[shared.BATCH])
        def forward(batch):
            output = answer(made, batch)
            notes["kind"] = type(output).__name__
            return _fields(output), shared.values(made)

        @tf.function
        def one_after_the_other():
            return [forward(shared.batch(batch)) for batch in batches]

        return one_after_the_other()

    return shared.apart(shared.run(traced))
