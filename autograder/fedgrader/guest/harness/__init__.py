"""Harnesses: small functions that run beside an answer, call it, and return plain data to compare.

They know nothing of references, expected values or points. Each takes the answer first, then plain inputs.
"""
