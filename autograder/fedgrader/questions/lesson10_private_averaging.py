"""Questions of lesson 10: private averaging."""

from fedcourse.i18n import N_
from fedgrader.questions import Question

ten_numbers = Question(
    right="c",
    replies={
        "a": N_(
            "Sums they are, but each digit has a sum of its own, and a sum over nothing looks different."
        ),
        "b": N_(
            "How many pages there are is hard to see in them. Compare the last two lines of the next cell."
        ),
        "c": N_(
            "A digit that was never written is only ever pushed down, and by the same amount. It stands out."
        ),
    },
)

noise_on_each_phone = Question(
    right="b",
    replies={
        "a": N_("It does average out, but not entirely: sixteen random numbers do not cancel to one."),
        "b": N_("Sixteen independent errors add up to four times one: the square root of sixteen."),
        "c": N_("That would be so if all sixteen were the same number. They partly cancel."),
    },
)

our_epsilon = Question(
    right="c",
    replies={
        "a": N_("If only. Twenty rounds, each with half of all users: that adds up."),
        "b": N_(
            "It takes more noise than this to get there, as the table shows, and then the model suffers."
        ),
        "c": N_("With 32 users, noise that the model hardly feels hides hardly anybody."),
    },
)
