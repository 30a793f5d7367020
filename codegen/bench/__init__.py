"""How fast a module is beside its peers."""
