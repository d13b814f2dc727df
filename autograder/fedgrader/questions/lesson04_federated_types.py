"""Questions of lesson 4: federated types."""

from fedcourse.i18n import N_
from fedgrader.questions import Question

no_error = Question(
    right="c",
    replies={
        "a": N_(
            "One number is its own mean, so what could go wrong? But a mean goes from the clients to the "
            "server, and this number is there already. Run the next cell."
        ),
        "b": N_(
            "A machine could notice what is missing, and help out. TFF does not: nothing moves unless you "
            "say so. Run the next cell."
        ),
        "c": N_(
            "Both arguments are numbers, and more than that a type does not know. See below the next cell "
            "what that leads to."
        ),
    },
)

any_number = Question(
    right="a",
    replies={
        "a": N_("It keeps the promise that is asked for, and a little more. The next cell asks TFF."),
        "b": N_(
            "A `?` looks as if it fitted anywhere. But it means that nothing is promised, and three were "
            "asked for. Run the next cell."
        ),
        "c": N_(
            "Different, but not strangers. What counts is whether one keeps the promise of the other. Run "
            "the next cell."
        ),
    },
)
