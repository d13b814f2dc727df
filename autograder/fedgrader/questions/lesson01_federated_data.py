"""Questions of lesson 1: data that stay at home."""

from fedcourse.i18n import N_
from fedgrader.questions import Question

batch_then_shuffle = Question(
    right="b",
    replies={
        "a": N_(
            "A shuffle mixes what it is given, and it is given finished batches: where the 4 goes, the 5 "
            "goes too. Look at the first line below."
        ),
        "b": N_(
            "The numbers were paired before anything was mixed, so whole pairs change places. Look at the "
            "first line below."
        ),
        "c": N_(
            "Half right: these two stay together. But nobody reaches into a finished batch to swap them. "
            "Look at the first line below."
        ),
    },
)

luck = Question(
    right="c",
    replies={
        "a": N_(
            "It evens out in the end, but thirty rounds are not the end. The draw keeps no accounts and owes "
            "nobody a turn. Run the next cell."
        ),
        "b": N_(
            "To be left out of one round is the rule. To be left out of thirty is rarer than one in fifty "
            "thousand. Run the next cell."
        ),
        "c": N_("Each round draws afresh and makes up for nothing, so the differences stay."),
    },
)
