"""Learning without an instructor: what is done, what is next, and help that waits until it is asked for."""
