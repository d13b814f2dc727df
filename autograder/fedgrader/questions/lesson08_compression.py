"""Questions of lesson 8: compression, and what a round costs."""

from fedcourse.i18n import N_
from fedgrader.questions import Question

largest_tensor = Question(
    right="c",
    replies={
        "a": N_("That would be so if all eight tensors were alike. They are not at all alike."),
        "b": N_("Too modest. The first dense layer joins 3,136 inputs to 512 outputs: multiply that out."),
        "c": N_(
            "One dense kernel is nearly the whole network: 3,136 times 512 numbers. What is done to the "
            "others hardly matters."
        ),
    },
)

how_much_smaller = Question(
    right="a",
    replies={
        "a": N_("Someone is suspicious of round numbers. Quite right: the packing wastes a little."),
        "b": N_(
            "32 bits become 8, so that is what the prospectus says. The bill says something else: look at "
            "the types below."
        ),
        "c": N_(
            "Some numbers are not compressed at all, such as the biases, but that alone costs very little."
        ),
    },
)

same_error = Question(
    right="b",
    replies={
        "a": N_(
            "An average heals errors that differ. Here all phones have the same number and the same ruler, "
            "so all make the same error."
        ),
        "b": N_("The mark nearest to 0.1 is 0.333, for every phone. 400 of them only say it louder."),
        "c": N_(
            "0 is not a mark. With two bits the ruler has -1, -0.333, 0.333 and 1, and one of them is "
            "nearest to 0.1."
        ),
    },
)

which_way_hurts = Question(
    right="b",
    replies={
        "a": N_("There are more errors on the way up, but they differ, and in an average they cancel."),
        "b": N_(
            "All clients start from the same wrong weights, and no average repairs that. Whether it matters "
            "at 8 bits, the next cell shows."
        ),
        "c": N_(
            "The bits are the same. But ten errors that differ are not the same as one error made ten times."
        ),
    },
)
