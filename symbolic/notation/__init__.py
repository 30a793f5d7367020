"""Formulas as print: boxes, letters, line breaks, and a drawing of them in each medium."""
