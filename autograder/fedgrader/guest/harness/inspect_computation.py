"""What harnesses read from a TFF computation without running it, and a stricter way to run one."""

import tensorflow_federated as tff


def broadcasts(computation):
    """The types of what a computation broadcasts, as text, in order."""
    return [str(call.argument.type_signature.member) for call in _calls(computation, "federated_broadcast")]


def maps_of(computation, mapped):
    """How many times a computation maps `mapped`, a TensorFlow computation, over what the clients have."""
    wanted = mapped.to_building_block().proto
    functions = [call.argument[0] for call in _calls(computation, "federated_map")]
    return sum(getattr(function, "proto", None) == wanted for function in functions)


def aggregates_by_tree(computation, rest_first=True):
    """The same computation, but each client's value is first aggregated alone and then merged with the rest.

    `rest_first` says which of the two comes first in the merge. TFF's local runtime adds clients one after
    the other and never merges; a real one merges what several servers have gathered. For a right
    `federated_aggregate` that makes no difference.
    """
    recorded = _call_dominant(computation)
    here = _nowhere(recorded)

    def merge_leaves(block):
        if not _is_call(block, "federated_aggregate"):
            return block, False
        value, zero, accumulate, merge, report = block.argument
        pair = tff.framework.Reference("pair", accumulate.type_signature.parameter)
        so_far, one = (tff.framework.Selection(pair, index=index) for index in (0, 1))
        leaf = tff.framework.Call(accumulate, tff.framework.Struct([zero, one]))
        both = [so_far, leaf] if rest_first else [leaf, so_far]
        merged = tff.framework.Call(merge, tff.framework.Struct(both))
        by_tree = tff.framework.Lambda(
            "pair", pair.type_signature, tff.framework.Block(here, merged) if here else merged
        )
        argument = tff.framework.Struct([value, zero, by_tree, merge, report])
        return tff.framework.Call(block.function, argument), True

    rewritten, _changed = tff.framework.transform_postorder(recorded, merge_leaves)
    return tff.framework.ConcreteComputation.from_building_block(rewritten)


def _call_dominant(computation):
    return tff.framework.to_call_dominant(computation.to_building_block())


def _is_call(block, uri):
    called = block.function if isinstance(block, tff.framework.Call) else None
    return isinstance(called, tff.framework.Intrinsic) and called.uri == uri


def _calls(computation, uri):
    """The calls of the operator `uri`, in order."""
    found = []

    def collect(block):
        if _is_call(block, uri):
            found.append(block)
        return block, False

    tff.framework.transform_postorder(_call_dominant(computation), collect)
    return found


def _nowhere(recorded):
    """The local values of a recorded computation that have no placement, such as the zero of an aggregate."""
    body = recorded.result if isinstance(recorded, tff.framework.Lambda) else recorded
    local = body.locals if isinstance(body, tff.framework.Block) else []
    return [(name, value) for name, value in local if "@" not in str(value.type_signature)]
