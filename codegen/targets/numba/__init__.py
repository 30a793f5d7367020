"""A program as loops that numba compiles."""
