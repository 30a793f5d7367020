"""Rules, single steps, and the forms a derivation can take."""
