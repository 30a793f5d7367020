"""What happened from one line to the next: the rule that was used, or the slip and its repair."""
