"""Marking code: a person's NumPy backpropagation, in whatever style they have it, against the derived gradient."""
