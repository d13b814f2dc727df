"""Questions of lesson 6: federated averaging, by hand."""

from fedcourse.i18n import N_
from fedgrader.questions import Question

trapdoor = Question(
    right="b",
    replies={
        "a": N_(
            "In plain Python it would be 5: first the assignment, then the reading. But this is a recording, "
            "and a recording keeps only what the result needs. Run the next cell."
        ),
        "b": N_(
            "The result needs the reading, and nothing needs the assignment, so nobody carries it out. The "
            "next cell shows it, and the way out."
        ),
        "c": N_("An error would be a mercy. There is none, and that is the trap. Run the next cell."),
    },
)

who_counts_how_much = Question(
    right="c",
    replies={
        "a": N_(
            "Then Bo's 2 pages would have as much say as Ann's 200, and one of his as much as a hundred of "
            "hers."
        ),
        "b": N_(
            "Tempting, but a few pages are not worthless: many people with few pages are exactly why one "
            "averages."
        ),
        "c": N_("Then every page has the same say, whoever wrote it. That is what the formula does."),
    },
)
