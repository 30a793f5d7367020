"""What a text is about: the header, networks as people write them, premises on the way, quick numbers."""
