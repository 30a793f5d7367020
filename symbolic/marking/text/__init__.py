"""LaTeX cut up: tokens with their places, chains of '=', documents."""
