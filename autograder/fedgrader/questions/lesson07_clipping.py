"""Questions of lesson 7: clipping."""

from fedcourse.i18n import N_
from fedgrader.questions import Question

one_mad_client = Question(
    right="a",
    replies={
        "a": N_(
            "Its numbers are so large that they drown the nine others, and it takes long to mend that. Look "
            "at round 4, and at all that follows."
        ),
        "b": N_(
            "The rounds between do mend it, but far more slowly than one would hope. Look at the curve after "
            "round 4."
        ),
        "c": N_(
            "In a vote they would. But this is an average, and in an average one number may be as large as "
            "it likes. Run the next cell."
        ),
    },
)

how_far = Question(
    right="b",
    replies={
        "a": N_(
            "That is the limit of one gradient. A step is only a tenth of it, and there are four steps. Run "
            "the next cell."
        ),
        "b": N_(
            "Four steps, and none longer than a tenth of 2. Run the next cell, and see how much of it is "
            "used."
        ),
        "c": N_(
            "Four gradients of length 2, to be sure. But a step is only a tenth of its gradient: that is the "
            "learning rate. Run the next cell."
        ),
    },
)

rubbish = Question(
    right="c",
    replies={
        "a": N_(
            "Large, but a number, and larger than 10: zeroing throws it out. Look at the last line of the "
            "table."
        ),
        "b": N_(
            "It looks like the worst of all, but it is larger than 10, and zeroing throws it out. Look at "
            "the last line of the table."
        ),
        "c": N_(
            'It is the only one that the question "larger than 10?" does not catch. Look at the last column '
            "of the table."
        ),
    },
)
