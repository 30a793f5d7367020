"""What a derivative that is carried out at once is called: the rule that a textbook would cite for it."""

from __future__ import annotations

from symbolic.derivation import rules
from symbolic.derivation.calculus import depends
from symbolic.derivation.rules import Rule
from symbolic.fuel import spend
from symbolic.language.definition import Definition
from symbolic.language.expr import Add, Call, Entry, Expr, Mul, Pow, Sum, Symbol
from symbolic.language.terms import walk


def rule_of(of: Expr, by: Entry | Symbol) -> Rule:
    """The rule behind ∂of/∂by as a whole: of ln where it is the logarithm of the variable, of a composition
    where a function is taken of something that has to be differentiated in its turn."""
    if linear(of, by):
        return rules.LINEAR_FORM
    if is_softmax(of, by):
        return rules.SOFTMAX
    match of:
        case Sum(body, _):
            return rule_of(body, by)
        case Add(terms):
            found = {rule_of(t, by) for t in terms if depends(t, by)} - {rules.LINEAR_FORM}
            return found.pop() if len(found) == 1 else rules.CHAIN
        case Mul(factors):
            moving = [f for f in factors if depends(f, by)]
            if len(moving) == 1:
                return rule_of(moving[0], by)
            below = [f for f in moving if isinstance(f, Pow) and f.exponent < 0]
            return rules.QUOTIENT if below and len(below) < len(moving) else rules.PRODUCT
        case Pow(base, _) if linear(base, by):
            return rules.POWER
        case Call(function, arguments) if all(simple(a, by) for a in arguments):
            return rules.FUNCTION if function.kind != "primitive" else rules.of_function(function.name)
    return rules.CHAIN


def linear(of: Expr, by: Entry | Symbol) -> bool:
    """Whether the variable occurs only in sums of products, once in each product."""
    match of:
        case Add(terms):
            spend(len(terms))
            return all(not depends(t, by) or linear(t, by) for t in terms)
        case Mul(factors):
            moving = [f for f in factors if depends(f, by)]
            return len(moving) == 1 and linear(moving[0], by)
        case Sum(body, _):
            return linear(body, by)
    return isinstance(of, (Entry, Symbol))


def simple(of: Expr, by: Entry | Symbol) -> bool:
    """Whether it is the variable itself up to sign and constants, not a linear form of many."""
    return not depends(of, by) or (linear(of, by) and not any(isinstance(node, Sum) for node in walk(of)))


def is_softmax(of: Expr, by: Entry | Symbol) -> bool:
    """Whether it is exp(a_k) / Σ_m exp(a_m) of the variable a."""
    match of:
        case Mul((Call(above, (Entry(first, _),)), Pow(Sum(Call(below, (Entry(second, _),)), _), exponent))):
            same = above == below and first == second and above.name == "exp"
            return same and exponent == -1 and isinstance(by, Entry) and by.tensor == first
    return False


def softmax_axis(definition: Definition) -> tuple[Entry, int] | None:
    """a_k and the axis of k where the definition is exp(a_k) / Σ_m exp(a_m), or None."""
    match definition.formula:
        case Mul((Call(_, (Entry() as before,)), Pow(Sum(Call(_, (Entry(_, subscripts),)), index), _))):
            axes = [axis for axis, sub in enumerate(subscripts) if sub.single == index]
            alone = len(axes) == 1 and before.subscripts[axes[0]].single in definition.indices
            if alone and is_softmax(definition.formula, before):
                return before, axes[0]
    return None


def chain_rule(expr: Expr) -> Rule:
    """Of one input or of several: ∂f/∂x = Σ_s ∂f/∂g_s ∂g_s/∂x has a sum."""
    many = isinstance(expr, (Add, Sum))
    return rules.CHAIN_MANY if many else rules.CHAIN
