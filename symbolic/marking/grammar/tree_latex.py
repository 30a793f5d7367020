"""A tree as LaTeX again: for mended lines and messages."""

from __future__ import annotations

from symbolic.marking.grammar.dots import member
from symbolic.marking.grammar.tree import (
    Abs,
    Add,
    At,
    BigSum,
    Blank,
    Call,
    Cases,
    Component,
    Deriv,
    Differential,
    Dotted,
    Frac,
    Hadamard,
    Indicator,
    Inner,
    Matrix,
    Mul,
    Name,
    Neg,
    Node,
    Norm,
    Num,
    Ones,
    Power,
    Relation,
    Root,
    Run,
    Script,
    Transpose,
)

SIGNS = {">=": r"\ge", "<=": r"\le", "!=": r"\ne"}
FUNCTIONS = {
    "exp": r"\exp", "log": r"\ln", "sin": r"\sin", "cos": r"\cos", "tanh": r"\tanh", "max": r"\max", "min": r"\min",
    "atan": r"\arctan", "cosh": r"\cosh", "sinh": r"\sinh", "tan": r"\tan", "ln": r"\ln",
}  # fmt: skip
_SUM, _PRODUCT, _FACTOR, _TIGHT = 1, 2, 3, 4


def scripts(items: tuple[Script, ...]) -> str:
    parts = [item.format(str).replace(" ", "") for item in items]
    one_letter = all(len(part) == 1 and part.isalpha() for part in parts)
    return "".join(parts) if one_letter else ",".join(parts)


def letter(base: str) -> str:
    """A base as LaTeX: words are set upright."""
    if base.startswith("\\") or len(base) == 1 or not base.isalnum():
        return base
    return rf"\mathrm{{{base}}}"


def name(node: Name) -> str:
    text = FUNCTIONS.get(node.base, letter(node.base))
    if node.primes:
        text += "'" * node.primes
    if node.below is not None:
        text += f"_{{{typeset(node.below)}}}"
    elif node.subs:
        below = scripts(node.subs)
        text += f"_{below}" if len(below) == 1 else f"_{{{below}}}"
    if node.sups:
        text += f"^{{({scripts(node.sups)})}}"
    return text


def typeset(node: Node, tight: int = 0) -> str:
    """LaTeX that reads back as the same tree."""

    def wrap(text: str, level: int) -> str:
        return rf"\left({text}\right)" if level < tight and "frac" in text else f"({text})" if level < tight else text

    match node:
        case Num(value):
            if value.denominator == 1:
                return wrap(str(value), _TIGHT if value >= 0 else _SUM)
            whole = value.denominator in (10, 100, 1000, 10000)
            return str(float(value)) if whole else rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
        case Name():
            return name(node)
        case Call(function, arguments):
            if function.base == "exp" and not function.primes and len(typeset(arguments[0])) < 12:
                return wrap(f"e^{{{typeset(arguments[0])}}}", _FACTOR)
            inside = ", ".join(typeset(a) for a in arguments)
            return rf"{name(function)}\left({inside}\right)" if "frac" in inside else f"{name(function)}({inside})"
        case Add(terms):
            text = typeset(terms[0], _SUM)
            for term in terms[1:]:
                text += (
                    f" - {typeset(term.argument, _PRODUCT)}" if isinstance(term, Neg) else f" + {typeset(term, _SUM)}"
                )
            return wrap(text, _SUM)
        case Neg(argument):
            return wrap(f"-{typeset(argument, _PRODUCT)}", _SUM)
        case Mul(factors):
            return wrap(_product(factors), _PRODUCT)
        case Hadamard(factors):
            return wrap(r" \odot ".join(typeset(f, _FACTOR) for f in factors), _SUM + 0)
        case Frac(numerator, denominator):
            return wrap(rf"\frac{{{typeset(numerator)}}}{{{typeset(denominator)}}}", _FACTOR)
        case Power(base, exponent, True):
            return wrap(rf"{_raised(base)}^{{\odot {typeset(exponent)}}}", _FACTOR)
        case Power(base, exponent):
            above = typeset(exponent)
            return wrap(f"{_raised(base)}^{above}" if len(above) == 1 else f"{_raised(base)}^{{{above}}}", _FACTOR)
        case Transpose(argument):
            return wrap(f"{_raised(argument)}^T", _FACTOR)
        case Differential(Differential(argument)):
            return wrap(f"d^2 {typeset(argument, _TIGHT)}", _FACTOR)
        case Differential(argument):
            return wrap(f"d{typeset(argument, _TIGHT)}", _FACTOR)
        case Component(argument, subs):
            inside = f"({typeset(argument)})" if isinstance(argument, Name) else typeset(argument, _TIGHT)
            return wrap(f"{inside}_{{{scripts(subs)}}}", _FACTOR)
        case Root(argument):
            return rf"\sqrt{{{typeset(argument)}}}"
        case BigSum():
            return wrap(_sum(node), _PRODUCT)
        case Deriv(of, by, straight, _):
            d = "d " if straight else r"\partial "
            above = r"\partial^{+} " if node.held else d
            return wrap(rf"\frac{{{above}{typeset(of, _PRODUCT)}}}{{{d}{typeset(by, _PRODUCT)}}}", _FACTOR)
        case Relation("in", Name(base, subs)):
            members = ", ".join(scripts((item,)) for item in subs)
            return rf"({members}) \in {base}" if len(subs) > 1 else rf"{members} \in {base}"
        case Relation(sign, left, right):
            return f"{typeset(left)} {SIGNS.get(sign, sign)} {typeset(right)}"
        case Indicator(condition):
            return f"[{typeset(condition)}]"
        case Norm(argument, order):
            return rf"\|{typeset(argument)}\|" + ("_1" if order == 1 else "")
        case Abs(argument):
            return f"|{typeset(argument)}|"
        case Inner(left, right, True):
            return wrap(rf"{typeset(left, _FACTOR)} \cdot {typeset(right, _FACTOR)}", _PRODUCT)
        case Inner(left, right):
            return rf"\langle {typeset(left)}, {typeset(right)} \rangle"
        case Cases(parts):
            return rf"\begin{{cases}} {_cases(parts)} \end{{cases}}"
        case At(body, variables, values):
            pairs = zip(variables, values, strict=True)
            below = ", ".join(typeset(a) if v is None else f"{typeset(v)} = {typeset(a)}" for v, a in pairs)
            return wrap(rf"\left.{typeset(body)}\right|_{{{below}}}", _FACTOR)
        case Matrix():
            rows = [" & ".join(map(typeset, row)) for row in node.rows]
            return rf"\begin{{pmatrix}} {(chr(92) * 2 + ' ').join(rows)} \end{{pmatrix}}"
        case Dotted(down, across, body):
            return rf"\begin{{pmatrix}} {_dotted(down, across, body)} \end{{pmatrix}}"
        case Ones():
            return r"\mathbf{1}"
        case Blank():
            return r"\dots"
    raise TypeError(f"not a tree: {node!r}")


def _raised(base: Node) -> str:
    """What stands under an exponent; TeX takes no second one behind that of W^{(2)}."""
    text = typeset(base, _TIGHT)
    return f"{{{text}}}" if isinstance(base, Name) and base.sups else text


def _product(factors: tuple[Node, ...]) -> str:
    text = ""
    for k, factor in enumerate(factors):
        last = k == len(factors) - 1
        # Σ and ∂/∂ reach to the end of a product: only the last factor may be a bare Σ
        part = typeset(factor, _PRODUCT if last and isinstance(factor, BigSum) else _FACTOR)
        negative = isinstance(factor, Neg) or (isinstance(factor, Num) and factor.value < 0)
        if k == 0 and negative:
            part = typeset(factor)
        digit = part[:1].isdigit()
        before = factors[k - 1] if k else None
        if k and (digit or _would_call(before, part)):
            text += r" \cdot " + part
        elif text:
            text += " " + part
        else:
            text = part
    return text


def _would_call(before: Node | None, part: str) -> bool:
    """Whether ``name (…)`` could be read as a call."""
    if isinstance(before, Power | Transpose | Component):
        before = before.children[0]
    return isinstance(before, Name | Call) and part.startswith(("(", r"\left(")) and not isinstance(before, Call)


def _sum(node: BigSum) -> str:
    below = ", ".join(node.indices)
    if node.lower is not None:
        below = f"{below} = {node.lower.format(str).replace(' ', '')}"
    for condition in node.conditions:
        alone = len(node.indices) == 1 and condition.left == Name(node.indices[0]) and node.lower is None
        below = typeset(condition) if alone else f"{below}: {typeset(condition)}"
    text = rf"\{node.kind}_{{{below}}}"
    if node.upper is not None:
        text += f"^{{{node.upper.format(str).replace(' ', '')}}}"
    return f"{text} {typeset(node.body, _SUM if isinstance(node.body, Neg) else _PRODUCT)}"


def _dotted(down: Run | None, across: Run | None, body: Node) -> str:
    """The first and the last entry with dots between them."""

    def ends(run: Run) -> tuple[Script, Script]:
        return run.lower, run.lower if run.upper is None else run.upper

    def entry(at: Script | None, beside: Script | None) -> str:
        part = body
        if isinstance(part, Cases):  # the diagonal, and what stands beside it
            part = part.parts[0] if at == beside else part.parts[2]
        for run, place in ((down, at), (across, beside)):
            if run is not None and place is not None:
                part = member(part, run.letter, place)
        return typeset(part)

    columns = ends(across) if across is not None else (None,)
    rows = [r" & \cdots & ".join(entry(at, beside) for beside in columns) for at in (ends(down) if down else (None,))]
    middle = r"\vdots & \ddots & \vdots" if across is not None else r"\vdots"
    return rf" \\ {middle} \\ ".join(rows)


def _cases(parts: tuple[Node, ...]) -> str:
    rows: list[str] = []
    for part in parts:
        if isinstance(part, Relation):
            rows[-1] += f" & {typeset(part)}"
        else:
            rows.append(typeset(part))
    return r" \\ ".join(rows)
