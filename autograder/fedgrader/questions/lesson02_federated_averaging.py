"""Questions of lesson 2: federated averaging with `tff.learning`."""

from fedcourse.i18n import N_
from fedgrader.questions import Question

cupboard = Question(
    right="b",
    replies={
        "a": N_(
            "At hand for Python, yes. But TFF does not just run your function: it records it, for machines "
            "with empty cupboards. Run the next cell."
        ),
        "b": N_(
            "TFF writes the recipe down as soon as the process is built, and finds a finished cake in it."
        ),
        "c": N_(
            "That would be a nasty surprise, and TFF spares you it: it records the recipe here and now, and "
            "looks at what is in it. Run the next cell."
        ),
    },
)

untrained_loss = Question(
    right="a",
    replies={
        "a": N_(
            "Each digit gets about one chance in ten, and the loss is the logarithm of that, without the "
            "minus."
        ),
        "b": N_(
            "That is its share of mistakes. The loss asks something else: how much the model believed in the "
            "right digit. Run the next cell."
        ),
        "c": N_(
            "Enormous losses belong to models that are sure, and wrong. This one is sure of nothing. Run the "
            "next cell."
        ),
    },
)

stubborn = Question(
    right="c",
    replies={
        "a": N_(
            "That is how well the server's model reads. But who is it that measures while training, and with "
            "which model? Run the next cell."
        ),
        "b": N_(
            "For that, something would have to pass from round to round, and this server passes on nothing. "
            "Run the next cell."
        ),
        "c": N_(
            "The phones measure, each with a copy of its own that learns, whatever the server does with it "
            "later."
        ),
    },
)
