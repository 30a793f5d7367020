"""The four forms of one derivation: chain, expanded, backprop, matrix (``symbolic.deriving`` chooses)."""
