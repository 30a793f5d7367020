"""From formulas to a program of array operations, and the passes that make it fast."""
