"""Whether numbers are right: a module's gradient, a file's text, a person's function."""
