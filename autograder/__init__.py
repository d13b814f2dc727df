"""The name from which older notebooks import what lessons now take from `fedcourse`."""

from fedcourse import check, guess, hint, use_language

__all__ = ["check", "guess", "hint", "use_language"]
