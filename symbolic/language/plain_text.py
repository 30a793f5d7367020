"""A formula as one line of ASCII."""

from __future__ import annotations

from symbolic.language.expr import (
    MINUS_ONE,
    Add,
    Call,
    Compare,
    Constant,
    Delta,
    Determinant,
    Entry,
    Expr,
    Extent,
    Fold,
    Hyper,
    InRange,
    Inverse,
    Letter,
    Mul,
    Number,
    Partial,
    Position,
    Pow,
    StepProduct,
    Sum,
    Symbol,
    Where,
)


def plain(expr: Expr, tight: int = 0) -> str:
    """One line of ASCII, for messages, keys and debugging; ``symbolic.notation`` is for readers."""

    def wrap(text: str, level: int) -> str:
        return f"({text})" if level < tight else text

    match expr:
        case Number(value):
            return wrap(str(value), 3 if value >= 0 and value.denominator == 1 else 1)
        case Constant(name) | Hyper(name, _) | Symbol(name):
            return name
        case Extent(size):
            return wrap(str(size), 3 if len(size.terms) + bool(size.constant) == 1 else 1)
        case Letter(index) | Position(index):
            return index.name
        case Entry(tensor, subscripts):
            return f"{tensor.name}[{', '.join(map(str, subscripts))}]" if subscripts else tensor.name
        case Add(terms):
            text = plain(terms[0], 1)
            for term in terms[1:]:
                part = plain(term, 1)
                text += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
            return wrap(text, 1)
        case Mul(factors):
            parts = [plain(factor, 2) for factor in factors]
            if factors[0] == MINUS_ONE:
                return wrap("-" + "*".join(parts[1:]), 1)
            first = plain(factors[0], 1 if isinstance(factors[0], Number) else 2)
            return wrap("*".join([first, *parts[1:]]), 2)
        case Pow(base, exponent):
            shown = str(exponent) if exponent > 0 and exponent.denominator == 1 else f"({exponent})"
            return wrap(f"{plain(base, 4)}**{shown}", 3)
        case Call(function, arguments):
            return f"{function.name}({', '.join(plain(a) for a in arguments)})"
        case Sum(body, index):
            return f"Sum({plain(body)}, {index.name})"
        case Fold(kind, body, index):
            return f"{kind.capitalize()}({plain(body)}, {index.name})"
        case Inverse(body, row, column, (left, right)):
            return f"Inverse({plain(body)}, {row.name}, {column.name})[{left}, {right}]"
        case StepProduct(body, step, rows, columns, since, until, at, backwards):
            run = f"{until} <= {step} < {since}" if backwards else f"{since} < {step} <= {until}"
            matrix = f"{plain(body)}, {''.join(f'{index}, ' for index in (*rows, *columns))}{run}"
            return f"StepProduct({matrix})" + (f"[{', '.join(map(str, at))}]" if at else "")
        case Determinant(body, row, column):
            return f"Det({plain(body)}, {row.name}, {column.name})"
        case Delta(left, right):
            return f"delta[{left}, {right}]"
        case InRange(sub, extent):
            return f"[0 <= {sub} < {extent}]"
        case Compare(relation, left, right):
            return f"[{plain(left)} {relation} {plain(right)}]"
        case Where(condition, then, otherwise):
            return f"where({plain(condition)[1:-1]}, {plain(then)}, {plain(otherwise)})"
        case Partial(of, by, _):
            return f"d({plain(of)})/d({plain(by)})"
    raise TypeError(f"not an expression: {expr!r}")
