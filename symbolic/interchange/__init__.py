"""SymPy: our formulas as its expressions and back, and its own derivative as a witness beside ours."""
