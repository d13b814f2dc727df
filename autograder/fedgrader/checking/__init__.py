"""Judging an answer: what a check is made of, how it is run, what a verdict says and how it looks."""
