"""The course's plots: plain data in, one picture out, in the learner's language, described in words."""

from fedcourse.plots.clients import client_examples, label_counts, mean_images, readings
from fedcourse.plots.compression import accuracy_by_cost, arrived
from fedcourse.plots.figure import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION, Plot
from fedcourse.plots.image_grids import images
from fedcourse.plots.network import placements, traffic
from fedcourse.plots.privacy import accuracy_by_epsilon, two_worlds
from fedcourse.plots.training import arrows, learning_curves, weighted_bars

__all__ = [
    "BLACK",
    "BLUE",
    "GREEN",
    "ORANGE",
    "PURPLE",
    "SKY",
    "VERMILLION",
    "Plot",
    "accuracy_by_cost",
    "accuracy_by_epsilon",
    "arrived",
    "arrows",
    "client_examples",
    "images",
    "label_counts",
    "learning_curves",
    "mean_images",
    "placements",
    "readings",
    "traffic",
    "two_worlds",
    "weighted_bars",
]
