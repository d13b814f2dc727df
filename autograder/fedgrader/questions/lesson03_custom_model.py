"""Questions of lesson 3: a model from scratch."""

from fedcourse.i18n import N_
from fedgrader.questions import Question

softmax_twice = Question(
    right="b",
    replies={
        "a": N_(
            "The right digit does stay in front, and so the accuracy hides the mistake. The loss does not. "
            "Run the next cell."
        ),
        "b": N_(
            "After the first softmax all scores lie between 0 and 1, and to the second that looks like a "
            "faint preference."
        ),
        "c": N_(
            "It is not as bad as that: the right digit still stands out a little. Run the next cell to see "
            "how little."
        ),
    },
)

second_pass = Question(
    right="c",
    replies={
        "a": N_(
            "Who would tell them to? A variable keeps its value until somebody writes into it. Run the next "
            "cell."
        ),
        "b": N_(
            "The counter cannot tell one page from another. It only hears that ten more went by. Run the "
            "next cell."
        ),
        "c": N_("A variable keeps its value, so the second pass is added to the first."),
    },
)

five_people = Question(
    right="a",
    replies={
        "a": N_(
            "More than half of all pages are those of `client_23`, and the model reads nearly all of them. "
            "The next cell draws it."
        ),
        "b": N_(
            "That is the mean of the five accuracies, where everybody has the same say, however few their "
            "pages. The question was about pages. The next cell draws both."
        ),
        "c": N_(
            "That counts people. Count pages: `client_23` has more than the other four together. The next "
            "cell draws it."
        ),
    },
)
