"""Slips in what one kind of answer gets: the right class or the others, y = 1 or y = 0."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from codegen.audit.backward import Backward, Mutant
from codegen.audit.mutant_words import OF_CLASS, OF_ONE, OF_OTHERS, OF_RIGHT, OF_ZERO
from codegen.audit.one_change import one_change
from symbolic.derivation.adjoint import AdjointDefinition
from symbolic.language.affine import subscript
from symbolic.language.definition import Definition
from symbolic.language.expr import Add, Compare, Entry, Expr, Mul, Position, Sum, Tensor, add, mul, neg, number
from symbolic.language.plain_text import plain
from symbolic.language.terms import free_indices, substitute, tensors, walk

#: What a target is known to be where it says yes or no.
YES_OR_NO = frozenset({"binary", "sums_to_one", "whole"})


def class_slips(
    backward: Backward, entry: AdjointDefinition, mutant: Callable[..., Iterator[Mutant]]
) -> Iterator[Mutant]:
    """E changed where the answer is yes alone, or where it is no: p(1 − p) for p − 1 at the right class."""
    target = backward.objective.target
    if entry.of.role == "parameter" or not _says_yes_or_no(backward, target):
        return
    formula = entry.definition.formula
    for said in dict.fromkeys(node for node in walk(formula) if _is_answer(node, target, entry.definition)):
        of_yes, of_no = (substitute(formula, {said: number(n)}) for n in (1, 0))
        if isinstance(said, Entry) and target in tensors(add(of_yes, of_no)):
            continue  # the answers for other outputs enter too
        if not free_indices(said) <= {*entry.definition.indices}:
            continue  # several answers for one output
        several = isinstance(said, Compare) or len(target.axes) > 1
        no = add(number(1), neg(said))
        for right, here, rest, where in (
            (of_yes, said, mul(no, of_no), OF_RIGHT if several else OF_ONE),
            (of_no, no, mul(said, of_yes), OF_OTHERS if several else OF_ZERO),
        ):
            for stem, wrong in _instead_of(right, entry.definition) if right != number(0) else ():
                words = OF_CLASS.format(a=entry.of.name, wrong=plain(wrong), right=plain(right), where=where)
                yield from mutant("class", words, add(mul(here, wrong), rest), f"{where} {stem}")


def _says_yes_or_no(backward: Backward, target: Tensor) -> bool:
    """Whether each number of the target is 1 or 0, or the right one of classes."""
    if any(fact.tensor == target and fact.kind in YES_OR_NO for fact in backward.objective.facts):
        return True
    losses = [d for d in backward.objective.definitions if d.kind == "loss"]
    has_classes = any(backward.function_name(d) == "softmax" for d in backward.own.values() if d.kind != "loss")
    return has_classes and all(_is_linear(d.formula, target) for d in losses)


def _is_linear(formula: Expr, target: Tensor) -> bool:
    if target not in tensors(formula):
        return True
    match formula:
        case Entry():
            return True
        case Add(terms):
            return all(_is_linear(term, target) for term in terms)
        case Mul(factors):
            reading = [factor for factor in factors if target in tensors(factor)]
            return len(reading) == 1 and _is_linear(reading[0], target)
        case Sum(body, _):
            return _is_linear(body, target)
    return False


def _is_answer(node: Expr, target: Tensor, of: Definition) -> bool:
    """y_ik of what belongs to the output k of the sample i, or [k = y_i]."""
    match node:
        case Entry():
            return node.tensor == target and node.subscripts == tuple(subscript(index) for index in of.indices)
        case Compare(relation="==", left=Position() as place, right=Entry() as data):
            return data.tensor == target and place.index in of.indices
        case Compare(relation="==", left=Entry() as data, right=Position() as place):
            return data.tensor == target and place.index in of.indices
    return False


def _instead_of(right: Expr, of: Definition) -> Iterator[tuple[str, Expr]]:
    """What may stand where this belongs: 0, its opposite, it times a probability, it with one change."""
    yield "nothing", number(0)
    yield "sign", neg(right)
    here = tuple(subscript(index) for index in of.indices)
    for value in dict.fromkeys(n for n in walk(right) if isinstance(n, Entry) and n.subscripts == here):
        for factor in (value, add(number(1), neg(value))):
            yield "", mul(right, factor)
            yield "", mul(number(-1), right, factor)
    for wrong, _ in one_change(right):
        yield "", wrong
