"""Federated data sets that load anywhere: the real one where it can be had, else a bundled stand-in."""

from fedcourse.data.handwriting import load_handwriting, unseen_clients
from fedcourse.data.ratings import load_ratings

__all__ = ["load_handwriting", "load_ratings", "unseen_clients"]
