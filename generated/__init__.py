"""Modules written by ``python -m codegen.generate``: one network each, NumPy alone.  Read them, do not edit them."""
