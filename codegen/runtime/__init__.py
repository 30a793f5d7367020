"""What every emitted module does in the same way: real Python that needs NumPy alone.

A module of a network brings its formulas, and hands them over as :class:`~codegen.runtime.facts.Facts`;
checks of arguments, workspaces, training and the gradient check are here.  ``bundle`` makes one file of the
two, ``generated/runtime.py`` is all of this in one file.
"""
