"""Blank lines as PEP 8 wants them, so that templates need not count them.

>>> print(tidy("x = 1\\nclass C:\\n    def g(self):\\n        pass\\n    def h(self): ..."))
x = 1
<BLANKLINE>
<BLANKLINE>
class C:
    def g(self):
        pass
<BLANKLINE>
    def h(self): ...
<BLANKLINE>
"""

from __future__ import annotations

STARTS = ("def ", "class ", "@")


def tidy(text: str) -> str:
    """Two blank lines around what is defined at the top level, one before inner functions, never more."""
    done: list[str] = []
    blanks, quoted, in_block = 0, False, False
    for line in text.splitlines():
        if quoted:
            done.append(line)
        elif not line.strip():
            blanks += 1
        else:
            wanted = min(blanks, 1) if line.startswith(" ") else min(blanks, 2)
            starts = line.lstrip().startswith(STARTS)
            last = done[-1] if done else ""
            attached = last.lstrip().startswith(("@", "#")) and blanks == 0
            if not line.startswith(" ") and not line.startswith((")", "]", "}")):
                if (starts or in_block) and done and not attached:
                    wanted = 2
                in_block = starts
            elif starts and not attached and not last.endswith(":"):
                wanted = 1
            done += [""] * wanted + [line.rstrip()]
            blanks = 0
        quoted ^= line.count('"""') % 2 == 1
    return "\n".join([*done, ""])
