"""Programs as the text of a module: one folder a target."""
