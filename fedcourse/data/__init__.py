"""Federated data sets that load anywhere: the real one where it can be had, a bundled one of the same shape."""

from fedcourse.data.handwriting import load_handwriting, unseen_clients

__all__ = ["load_handwriting", "unseen_clients"]
