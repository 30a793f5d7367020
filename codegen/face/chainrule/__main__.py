"""``python -m chainrule`` is the command ``chainrule``."""

import sys


def main() -> int:
    """Run the command that was typed and return its exit status; a package that is not ours is one line."""
    try:
        from codegen.cli import main as run
    except ImportError as error:
        print(error if str(error).startswith("chainrule: ") else f"chainrule: {error}", file=sys.stderr)
        return 2
    return run()


if __name__ == "__main__":
    sys.exit(main())
