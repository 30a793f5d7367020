"""What runs in the other process, in a copy of this folder: NumPy and nothing of ours."""
