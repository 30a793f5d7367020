"""A program as a module of PyTorch."""
