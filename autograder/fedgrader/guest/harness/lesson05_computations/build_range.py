"""What runs beside an answer to `build_range`, lesson 5."""

from fedgrader.guest.harness.inspect_computation import aggregates_by_tree


def runs_by_tree(answer, places):
    """What the computation returns for each place's readings, aggregated one by one and then merged.

    That is done twice: the rest comes first in a merge, and comes last.
    """
    computation = answer()
    trees = [aggregates_by_tree(computation, rest_first) for rest_first in (True, False)]
    return [[tree(readings) for readings in places] for tree in trees]
