"""Questions of lesson 5: computations."""

from fedcourse.i18n import N_
from fedgrader.questions import Question

witnesses = Question(
    right="c",
    replies={
        "a": N_(
            "So it would be in plain Python, where a call runs the function. Watch when `print` speaks for "
            "the first time."
        ),
        "b": N_("You are right about `tf.print`. But not even a call wakes `print`. Watch when it speaks."),
        "c": N_(
            "Python runs the function a single time, and each phone runs only what was written down. Watch "
            "when `print` speaks."
        ),
    },
)

noise = Question(
    right="b",
    replies={
        "a": N_(
            "It sounds as if TensorFlow were the one that freezes things. But it records that there is to be "
            "a draw, and numpy has drawn already. Compare the two runs below."
        ),
        "b": N_("Its draw takes place on the phone, anew in each run. Compare it with numpy's below."),
        "c": N_(
            "In plain Python it is. Here it matters who draws, and when. Compare the two runs of each below."
        ),
    },
)

phone_7 = Question(
    right="a",
    replies={
        "a": N_(
            "A mean or a total, and a count: more is not needed. The last line of the next cell shows it."
        ),
        "b": N_(
            "All forty are in the answer, but they are added up at home. Look at the last line of the next "
            "cell."
        ),
        "c": N_(
            "Then the server could not know that forty readings stand behind it, and not three. Look at the "
            "last line of the next cell."
        ),
    },
)
