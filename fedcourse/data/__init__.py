"""Federated data sets that load anywhere: the real one where it can be had, else a bundled stand-in."""

from fedcourse.data.handwriting import load_handwriting, unseen_clients

__all__ = ["load_handwriting", "unseen_clients"]
