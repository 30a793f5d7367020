"""From tokens to what was written: a tree that knows no meanings, and the tree as LaTeX again."""
