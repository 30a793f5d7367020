"""A marking for people: in a terminal, as LaTeX, as HTML, in a notebook."""
