"""Slips planted in right lines: every mutator gives the trees with one slip, at each possible place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from symbolic.language.affine import Affine
from symbolic.marking.grammar.tree import (
    Add,
    BigSum,
    Call,
    Deriv,
    Hadamard,
    Indicator,
    Mul,
    Name,
    Neg,
    Node,
    Num,
    Power,
    Relation,
    Transpose,
    places,
    put,
    way,
)
from symbolic.marking.meaning.declared import Declarations
from symbolic.marking.meaning.naming import candidates


def mutants(tree: Node, known: Declarations) -> Iterator[tuple[str, Node]]:
    """(kind of slip, tree with it)."""
    for path, node in places(tree):
        if any(isinstance(above, Deriv) and step == 1 for above, step in way(tree, path)):
            continue  # what is differentiated by
        for kind, fresh in slips(node, known):
            if fresh != node:
                yield kind, put(tree, path, fresh)


def slips(node: Node, known: Declarations) -> Iterator[tuple[str, Node]]:
    match node:
        case Add(terms):
            for k, term in enumerate(terms):
                turned = term.argument if isinstance(term, Neg) else Neg(term)
                yield "sign", Add((*terms[:k], turned, *terms[k + 1 :]))
                rest = (*terms[:k], *terms[k + 1 :])
                yield "term", rest[0] if len(rest) == 1 else Add(rest)
        case Neg(argument):
            yield "sign", argument
        case Mul(factors) | Hadamard(factors):
            for k in range(len(factors)):
                rest = (*factors[:k], *factors[k + 1 :])
                yield "factor lost", rest[0] if len(rest) == 1 else node.rebuild(rest)
            if isinstance(node, Hadamard):
                yield "hadamard", Mul(factors)
        case Num(value):
            yield "number", Num(value * 2)
            yield "number", Num(value + 1)
        case BigSum():
            yield "sum lost", node.body
            yield "factor", replace(node, body=Mul((Num(Fraction(2)), node.body)))
        case Power(base, Num(value)) if value > 1:
            yield "power", base if value == 2 else Power(base, Num(value - 1))
            yield "power", Power(base, Num(value + 1))
        case Transpose(argument):
            yield "transpose", argument
        case Relation(sign, _, _) if sign in "<>":
            yield "condition", replace(node, sign="<" if sign == ">" else ">")
        case Indicator():
            yield "condition lost", Num(Fraction(1))
        case Call(function, (argument,)) if function.primes == 1 and function.bare:
            yield "activation", replace(node, function=replace(function, primes=0))
        case Name(_, subs, _):
            for k, item in enumerate(subs):
                here = known.indices.get(item.single or "")
                for letter, other in known.indices.items():
                    if here is not None and letter != item.single and other.index.extent == here.index.extent:
                        yield "index", replace(node, subs=(*subs[:k], Affine.of(letter), *subs[k + 1 :]))
            found = candidates(known, node)
            for quantity in known.quantities if found else ():
                own = found[0]
                if quantity is not own and quantity.tensor.axes == own.tensor.axes and not quantity.tail:
                    labels = tuple(Affine((), int(t)) if t.isdigit() else Affine.of(t) for t in quantity.sub_labels)
                    sups = tuple(Affine((), int(t)) if t.isdigit() else Affine.of(t) for t in quantity.sup_labels)
                    if len(node.sups) == len(own.sup_labels):
                        yield "symbol", Name(quantity.base, (*labels, *subs[len(own.sub_labels) :]), sups)
