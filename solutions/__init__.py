"""Reference solutions: one plain module a lesson, the only copy. Notebooks and checks are made from them."""
