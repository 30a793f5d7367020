"""A program as a module that needs NumPy alone."""
