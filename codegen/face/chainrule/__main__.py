"""``python -m chainrule`` is the command ``chainrule``."""

import sys

from chainrule import refuse_strangers


def main() -> int:
    """Run the command that was typed and return its exit status; a package that is not ours is one line."""
    try:
        refuse_strangers()
    except ImportError as error:
        print(f"chainrule: {error}", file=sys.stderr)
        return 2
    from codegen.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
