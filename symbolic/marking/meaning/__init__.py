"""From what was written to values with shapes, under each reading that the notation leaves open."""
