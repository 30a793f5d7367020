"""From a spec to definitions: what a person writes, understood and wired."""
