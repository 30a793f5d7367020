"""Which rule of the calculus takes one line to the next.

The derivatives that a line loses and gains tell it: ∂A/∂C that gives way to ∂A/∂B ∂B/∂C is the chain
rule, ∂u²/∂w that gives way to ∂u/∂w is the power rule, one that goes without a successor is carried out.
Where the derivatives stay as they are, ablation tells algebra from the use of a definition or of a fact:
what is equal with the definitions taken away was only regrouped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from symbolic.derivation import rules
from symbolic.derivation.rules import Rule
from symbolic.language.expr import Add as ExprAdd
from symbolic.language.expr import Call as ExprCall
from symbolic.language.expr import Delta, Entry, Expr, Partial, Pow, Sum, Tensor
from symbolic.language.terms import transform, walk
from symbolic.marking.grammar.tree import Add, BigSum, Call, Deriv, Frac, Mul, Name, Neg, Node, Norm, Power, Transpose
from symbolic.marking.grammar.tree import walk as walk_tree
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.reading import Meaning
from symbolic.marking.meaning.sides import aligned
from symbolic.marking.model.quick_numbers import Points
from symbolic.marking.text.chains import Chain, chain_tokens
from symbolic.marking.text.reader import read
from symbolic.marking.text.refusals import ShapeError
from symbolic.words import Text

LAWS: dict[tuple[str, ...], Rule] = {
    tuple(token.text for token in chain_tokens(chain)): rule
    for rule in rules.RULES.values()
    for chain in read(f"$${rule.statement}$$").chains
}
_SEVERAL = Text("several rules: ", "несколько правил: ")
_NONE = Text("true, by no single rule of mine", "верно, но не по одному моему правилу")


def recalled(chain: Chain) -> Rule | None:
    """The law of the calculus that a chain states word for word, about any f, g and x: a reminder, no step."""
    return LAWS.get(tuple(token.text for token in chain_tokens(chain)))


def name_step(
    before: Node | None, here: Node | None, accepted: tuple[Meaning, Meaning], points: Points
) -> tuple[Text, tuple[Rule, ...]]:
    """The rules of a step that holds, in words and as rules."""
    if before is None or here is None:
        return Text("", ""), ()
    found = tuple(dict.fromkeys(_rules(before, here, accepted, points)))
    if not found:
        return _NONE, ()
    words = Text(", ".join(str(rule.name) for rule in found), ", ".join(rule.name.ru for rule in found))
    return (_SEVERAL + words if len(found) > 1 else words), found


def _rules(before: Node, here: Node, accepted: tuple[Meaning, Meaning], points: Points) -> Iterator[Rule]:
    known = points.model.declarations
    old, new = Counter(derivatives(before)), Counter(derivatives(here))
    gone, come = list(old - new), list(new - old)
    if not gone:
        yield from _without_derivatives(before, here, accepted, points)
        return
    for derivative in gone:
        successors = [d for d in come if d != derivative]
        links = [d for d in successors if _same(d.of, derivative.of) and not _same(d.by, derivative.by)]
        inner = [d for d in successors if _same(d.by, derivative.by)]
        joined = [(a, b) for a in come for b in come if a != b and _same(a.by, b.of) and _same(b.by, derivative.by)]
        if _sums(here) < _sums(before) and _vanishes(derivative, come):
            yield rules.INDEPENDENT_TERMS
        elif joined and not links:
            yield rules.CHAIN_MANY if len(joined) > 1 else rules.CHAIN
        elif links and inner:
            many = len(links) > 1 or _sums(here) > _sums(before)
            yield rules.CHAIN_MANY if many else rules.CHAIN
        elif _uses_adjoint(here) and not _uses_adjoint(before):
            yield rules.PARAMETER if _by_parameter(derivative, known) else rules.ADJOINT
        elif inner and (rule := _one_rule(derivative.of, known)) is not None:
            yield rule
        else:
            yield from _carried_out(derivative, known)
    if _sums(here) < _sums(before) and not any(isinstance(n, Deriv) for n in walk_tree(here)) and _has_delta(accepted):
        yield rules.DELTA


def derivatives(node: Node) -> Iterator[Deriv]:
    """All derivatives of a line, E_z as the derivative it is a name for."""
    for part in walk_tree(node):
        if isinstance(part, Deriv):
            yield part


def _one_rule(of: Node, known: Declarations) -> Rule | None:
    """The rule for the derivative of a formula of that form."""
    match of:
        case Power() | Norm():
            return rules.POWER
        case Add() | BigSum() | Neg():
            return rules.SUM
        case Call(function, _) if not candidates(known, function):
            return rules.CHAIN
        case Mul():
            return rules.CONSTANT_FACTOR
        case Frac():
            return rules.PRODUCT
    formula = _formula(of, known)
    if formula is None:
        return None
    match formula:
        case Sum():
            return rules.SUM
        case ExprAdd():
            return rules.SUM
        case Pow():
            return rules.POWER
        case ExprCall():
            return rules.CHAIN
    return rules.CONSTANT_FACTOR


def _carried_out(derivative: Deriv, known: Declarations) -> Iterator[Rule]:
    """The rules that carry a derivative out to the end."""
    of = derivative.of
    if isinstance(of, Mul) and any(isinstance(f, Transpose) for f in of.factors):
        yield rules.LINEAR_FORM
        return
    formula = _formula(of, known)
    if isinstance(of, Call) and not candidates(known, of.function):
        yield rules.FUNCTION
    elif isinstance(formula, ExprCall):
        yield rules.FUNCTION
        argument = formula.arguments[0]
        if not (isinstance(argument, Entry) and _is_entry_of(derivative.by, argument.tensor, known)):
            yield rules.LINEAR_FORM if _linear(argument) else rules.CHAIN
    elif isinstance(of, Power | Norm) or isinstance(formula, Pow):
        yield rules.POWER
        yield rules.CHAIN
    elif formula is not None and _linear(formula) and _mentions(formula, derivative.by, known):
        yield rules.LINEAR_FORM
    elif isinstance(of, Add | BigSum | Neg) or isinstance(formula, ExprAdd | Sum):
        yield rules.SUM
        yield rules.CHAIN
    else:
        yield rules.CHAIN


def _linear(formula: Expr) -> bool:
    """A sum of products, without a function."""
    return not any(isinstance(n, ExprCall | Pow) for n in walk(formula))


def _mentions(formula: Expr, by: Node, known: Declarations) -> bool:
    return any(isinstance(n, Entry) and _is_entry_of(by, n.tensor, known) for n in walk(formula))


def _is_entry_of(node: Node, tensor: Tensor, known: Declarations) -> bool:
    name = node.function if isinstance(node, Call) else node
    found = candidates(known, name) if isinstance(name, Name) else []
    return any(q.tensor == tensor for q in found)


def _formula(node: Node, known: Declarations) -> Expr | None:
    """The formula of a declared quantity."""
    name = node.function if isinstance(node, Call) else node
    if not isinstance(name, Name):
        return None
    for quantity in candidates(known, name):
        for definition in known.definitions:
            if definition.target == quantity.tensor:
                return definition.formula
    return None


def _same(a: Node, b: Node) -> bool:
    a = a.function if isinstance(a, Call) else a
    b = b.function if isinstance(b, Call) else b
    if isinstance(a, Name) and isinstance(b, Name):
        return a.base == b.base and a.subs[:1] == b.subs[:1]
    return a == b


def _sums(node: Node) -> int:
    return sum(isinstance(n, BigSum) for n in walk_tree(node))


def _uses_adjoint(node: Node) -> bool:
    return any(isinstance(n, Name) and n.base == "E" and bool(n.subs or n.below) for n in walk_tree(node))


def _by_parameter(derivative: Deriv, known: Declarations) -> bool:
    by = derivative.by
    found = candidates(known, by) if isinstance(by, Name) else []
    return bool(found) and found[0].tensor.role == "parameter"


def _vanishes(derivative: Deriv, come: Iterable[Deriv]) -> bool:
    """∂z_s/∂w_j gone for ∂z_j/∂w_j."""
    return any(_base(d.of) == _base(derivative.of) and _base(d.by) == _base(derivative.by) for d in come)


def _base(node: Node) -> str:
    node = node.function if isinstance(node, Call) else node
    return node.base if isinstance(node, Name) else ""


def _has_delta(accepted: tuple[Meaning, Meaning]) -> bool:
    return any(isinstance(n, Delta) for n in walk(accepted[0].value.expr))


def _without_derivatives(before: Node, here: Node, accepted: tuple[Meaning, Meaning], points: Points) -> Iterator[Rule]:
    """Algebra, a Kronecker delta, a definition, or a fact about the data."""
    try:
        left, right = aligned(accepted[0].value, accepted[1].value)
    except ShapeError:
        return
    if _uses_adjoint(before) != _uses_adjoint(here):
        yield rules.ADJOINT
        return
    known = points.model.declarations
    auxiliary = (*accepted[0].auxiliary, *accepted[1].auxiliary)
    if _has_delta(accepted) and not any(isinstance(n, Delta) for n in walk(right)):
        yield rules.DELTA
        return
    frozen: dict[Expr, Expr] = {}
    bare_left, bare_right = _frozen(left, frozen), _frozen(right, frozen)
    from symbolic.evidence.evidence import compare

    domains: Mapping[Tensor | str, str] = {**points.model.domains}
    if compare(bare_left, bare_right).holds:
        yield rules.REGROUP
    elif (domains and compare(bare_left, bare_right, domains=domains).holds) or (
        domains and not compare(left, right, definitions=(*known.definitions, *auxiliary)).holds
    ):
        yield rules.FACT
    elif any(isinstance(n, BigSum) for n in walk_tree(before)) and not any(
        isinstance(n, BigSum) for n in walk_tree(here)
    ):
        yield rules.MATRIX
    else:
        yield rules.SUBSTITUTION


def _frozen(expr: Expr, known: dict[Expr, Expr]) -> Expr:
    """Every derivative as a quantity of its own, known by nothing but its name."""
    from symbolic.language.terms import free_indices

    def freeze(node: Expr) -> Expr | None:
        if isinstance(node, Partial):
            indices = tuple(sorted(free_indices(node)))
            if node not in known:
                tensor = Tensor(f"∂{len(known)}", tuple(i.extent for i in indices))
                known[node] = tensor[indices] if indices else Entry(tensor)
            return known[node]
        return None

    return transform(expr, freeze)
