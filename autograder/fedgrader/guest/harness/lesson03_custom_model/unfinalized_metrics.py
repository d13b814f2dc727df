"""What runs beside an answer to `unfinalized_metrics`, lesson 3."""

import tensorflow as tf

from fedgrader.guest.harness.lesson03_custom_model import shared


def unfinalized_metrics(answer, variables):
    """What the answer reports, in a list of one, the name of its type, and all variables afterwards."""

    def traced(notes):
        made = shared.made(variables)

        @tf.function
        def report():
            reported = answer(made)
            notes["kind"] = type(reported).__name__
            return (0.0 if reported is None else reported), shared.values(made)

        return [report()]

    return shared.apart(shared.run(traced))
