"""The names and numbers of plots in words."""

from fedcourse.i18n import N_, _

# What lessons call their axes and curves, so that the catalogs have these words.
WORDS = (
    N_("accuracy"),
    N_("loss"),
    N_("seen clients"),
    N_("unseen clients"),
    N_("one client alone"),
    N_("its own pages"),
    N_("strangers"),
    N_("federated"),
    N_("centralized"),
    N_("reported while training"),
    N_("from scratch"),
    N_("wrapped Keras"),
    N_("all clients healthy"),
    N_("one client mad"),
    N_("no defence"),
    N_("clipped gradients"),
    N_("clipped updates"),
    N_("zeroing and clipping"),
    N_("each client counts the same"),
    N_("1 liar among ten"),
    N_("3 liars among ten"),
    N_("5 liars among ten"),
    N_("clipping norm"),
    N_("begins too small"),
    N_("begins too large"),
    N_("gradient"),
    N_("clipped by norm"),
    N_("clipped by value"),
    N_("not compressed"),
    N_("up compressed"),
    N_("both ways compressed"),
    N_("8 bits both ways"),
    N_("yours"),
    N_("to the nearest level"),
    N_("by chance, once"),
    N_("by chance, mean of 400"),
    N_("state kept"),
    N_("state thrown away"),
    N_("states mixed up"),
    N_("reconstructed, 10 passes"),
    N_("no noise"),
    N_("noise multiplier 0.3"),
    N_("noise multiplier 1"),
    N_("noise multiplier 2"),
    N_("noise multiplier 4"),
    N_("32 users, 16 a round"),
    N_("10,000 users, 50 a round"),
    N_("1,000,000 users, 100 a round"),
)


def translated(text: str) -> str:
    """`text` in the learner's language where the catalogs know it, else as it is."""
    return _(text) if text else ""  # gettext answers the empty string with the header of its catalog


def in_digits(value: float, percent: bool) -> str:
    """An accuracy in [0, 1] in percent with one decimal, anything else to three significant digits."""
    return f"{value:.1%}" if percent else f"{value:.3g}"
