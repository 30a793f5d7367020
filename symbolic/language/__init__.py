"""Formulas in index notation: subscripts, expressions, primitives, and what can be done to them."""
