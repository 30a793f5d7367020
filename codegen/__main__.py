"""``python -m codegen`` is the command ``chainrule``."""

import sys

from codegen.cli import main

sys.exit(main())
