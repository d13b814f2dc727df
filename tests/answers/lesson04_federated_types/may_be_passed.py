"""Answers to `may_be_passed(computation, offered)`."""

from answers import right, wrong

FITS = "lets through what fits"
REFUSES = "refuses what does not fit"


@right
def a_loop(computation, offered):
    """Fills the dictionary step by step."""
    answers = {}
    for name in offered:
        answers[name] = computation.type_signature.parameter.is_assignable_from(offered[name])
    return answers


@right
def catches_the_error(computation, offered):
    """Lets TFF complain, and listens."""
    answers = dict.fromkeys(offered, True)
    for name, given in offered.items():
        try:
            computation.type_signature.parameter.check_assignable_from(given)
        except TypeError:
            answers[name] = False
    return answers


@right
def zips_names_and_answers(computation, offered):
    """Asks all with `map`."""
    wanted = computation.type_signature.parameter
    return dict(zip(offered, map(wanted.is_assignable_from, offered.values()), strict=True))


@wrong(FITS, hint="Replace `raise NotImplementedError`")
def untouched(computation, offered):
    """Has not begun."""
    raise NotImplementedError


@wrong(FITS, hint="only what is of the very same type")
def asks_for_equality(computation, offered):
    """Thinks that types must be the same."""
    return {name: given == computation.type_signature.parameter for name, given in offered.items()}


@wrong(FITS, hint="only what is of the very same type")
def compares_texts(computation, offered):
    """Compares what TFF prints."""
    wanted = str(computation.type_signature.parameter)
    return {name: str(given) == wanted for name, given in offered.items()}


@wrong(REFUSES, hint="You ask in the wrong direction")
def asks_the_wrong_one(computation, offered):
    """Asks the given type whether it could take the wanted one."""
    wanted = computation.type_signature.parameter
    return {name: given.is_assignable_from(wanted) for name, given in offered.items()}


@wrong(FITS, hint="What it takes is its `parameter`")
def compares_with_the_result(computation, offered):
    """Takes the wrong side of the arrow."""
    wanted = computation.type_signature.result
    return {name: wanted.is_assignable_from(given) for name, given in offered.items()}


@wrong(FITS, hint="not with that of the whole computation")
def compares_with_the_signature(computation, offered):
    """Compares a value with a function."""
    wanted = computation.type_signature
    return {name: wanted.is_assignable_from(given) for name, given in offered.items()}


@wrong(REFUSES, hint="You let everything through")
def lets_everything_through(computation, offered):
    """Leaves it to TFF to complain later."""
    return dict.fromkeys(offered, True)


@wrong(REFUSES, hint="Being of the same kind is not enough")
def compares_kinds(computation, offered):
    """Compares Python classes."""
    wanted = computation.type_signature.parameter
    return {name: type(wanted) is type(given) for name, given in offered.items()}


@wrong(REFUSES, hint="You forget who has the value")
def compares_members(computation, offered):
    """Looks at what it is and not at who has it."""

    def inner(type_spec):
        return getattr(type_spec, "member", type_spec)

    wanted = inner(computation.type_signature.parameter)
    return {name: wanted.is_assignable_from(inner(given)) for name, given in offered.items()}


@wrong(REFUSES, hint="does not promise all that")
def asks_both_ways(computation, offered):
    """Is content if one of the two takes the other."""
    wanted = computation.type_signature.parameter
    return {
        name: wanted.is_assignable_from(given) or given.is_assignable_from(wanted)
        for name, given in offered.items()
    }


@wrong(FITS, hint="with the names in `offered`, all of them")
def lists_the_names(computation, offered):
    """Returns the names of what fits."""
    wanted = computation.type_signature.parameter
    return [name for name, given in offered.items() if wanted.is_assignable_from(given)]


@wrong(FITS, hint="with the names in `offered`, all of them")
def leaves_out_the_refused(computation, offered):
    """Names only what fits."""
    wanted = computation.type_signature.parameter
    return {name: True for name, given in offered.items() if wanted.is_assignable_from(given)}


@wrong(FITS, hint="Say `True` or `False`")
def says_it_in_words(computation, offered):
    """Answers as a person would."""
    wanted = computation.type_signature.parameter
    return {name: "yes" if wanted.is_assignable_from(given) else "no" for name, given in offered.items()}


@wrong(FITS, hint="Leave it as it is")
def empties_what_is_on_offer(computation, offered):
    """Takes one after the other out of the caller's dictionary."""
    says = {}
    while offered:
        name, given = offered.popitem()
        says[name] = computation.type_signature.parameter.is_assignable_from(given)
    return says
