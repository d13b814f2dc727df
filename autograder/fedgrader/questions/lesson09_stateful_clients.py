"""Questions of lesson 9: clients that remember."""

from fedcourse.i18n import N_
from fedgrader.questions import Question

all_zeros = Question(
    right="b",
    replies={
        "a": N_("Slowly would be something. Look at which gradients are zero below, and will stay so."),
        "b": N_(
            "Each half's gradient is made of the other half. Two zeros wait for each other, politely, for "
            "ever."
        ),
        "c": N_("And what should move the taste? Its gradient is made of the vectors, and they are zero."),
    },
)

what_goes_up = Question(
    right="a",
    replies={
        "a": N_("The changes of the films, and how many ratings stand behind them. The rest stays at home."),
        "b": N_(
            "The taste goes out of `client_work`, but no operator brings it to the server. What is at the "
            "clients stays there until somebody moves it."
        ),
        "c": N_("The ratings go into `client_work` and never come out of it. No line of yours sends them."),
    },
)

mixed_up_states = Question(
    right="c",
    replies={
        "a": N_("It would adapt, had it the time. But next round it is somebody else's again."),
        "b": N_("That would be so if a wrong taste were better than none. Is it?"),
        "c": N_(
            "Somebody else's taste is worse than no taste: it is as strong as your own, and points somewhere "
            "else."
        ),
    },
)
