"""Lines of a header that define: ``let p(z) = \\sigma(w^T z)``, and what any sentence defines."""

from __future__ import annotations

from dataclasses import replace

from symbolic.errors import SpecError
from symbolic.language.definition import Definition
from symbolic.language.expr import Tensor
from symbolic.language.functions import Function
from symbolic.language.terms import free_indices, tensors
from symbolic.marking.grammar.einstein import summings
from symbolic.marking.grammar.parse import read_formula
from symbolic.marking.grammar.tree import Add, Call, Dotted, Name, Neg, Node, Transpose, logarithm_of, walk
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.grammar.unrolled import at_layer
from symbolic.marking.meaning.declared import Declarations, Declared, Formula, function_key
from symbolic.marking.meaning.elaborate import elaboration
from symbolic.marking.meaning.naming import LetWords, Words
from symbolic.marking.meaning.reading import Meaning, Reading
from symbolic.marking.meaning.sides import readings
from symbolic.marking.meaning.value import ANY_LENGTH, Value
from symbolic.marking.model.declaring import Builder
from symbolic.marking.model.header_functions import scalar_body
from symbolic.marking.model.header_lines import StrayIndex
from symbolic.marking.model.header_quantities import declared_as
from symbolic.marking.text.chains import Side
from symbolic.marking.text.reader import read
from symbolic.marking.text.refusals import NotUnderstood
from symbolic.words import Text


def let_line(builder: Builder, rest: str) -> None:
    chains = read(rest, whole=False).chains
    if len(chains) != 1 or len(chains[0].sides) < 2:
        raise SpecError(
            Text(
                f"let {rest}: one definition such as p(z) = \\sigma(w^T z) was expected",
                f"let {rest}: нужно одно определение вида p(z) = \\sigma(w^T z)",
            )
        )
    left_side, right_side = chains[0].sides[0], chains[0].sides[-1]
    for side in (left_side, right_side):
        if side.problem:
            raise side.problem
    left = read_formula(left_side.tokens, LetWords(builder.known)).tree
    logarithm, left = left, logarithm_of(left) or left  # \ln L = …: L is e to the power of that
    name, arguments = (left.function, left.arguments) if isinstance(left, Call) else (left, ())
    if not isinstance(name, Name):
        raise SpecError(Text(f"let {rest}: a name should stand on the left", f"let {rest}: слева должно стоять имя"))
    formals = tuple(a.base if isinstance(a, Name) else "" for a in arguments)
    body = _body(builder, right_side, takes_error="e" in formals)
    if logarithm is not left:
        body = Call(Name("exp"), (Neg(body) if isinstance(logarithm, Neg) else body,), span=body.span)
    if _lists_own_entries(builder, name, body):
        return
    mentioned = {n.base for n in walk(body) if isinstance(n, Name)}
    declared = {q.base for q in builder.quantities}
    alone = [f for f in formals[:1] if len(formals) == 1 and _is_of_any_number(builder, name, f, mentioned)]
    own = [
        f
        for f in formals
        if f in mentioned - {""} and (f not in declared or f in alone or _is_filled(builder, name, formals, f))
    ]
    labels = (item.single for item in (*name.subs, *name.sups))
    if own and not name.primes and not any(label in builder.indices for label in labels):
        function = None
        if len(formals) == 1:
            function_body = scalar_body(builder.known, body, formals[0])
            function = Function(name.base.lstrip("\\"), "named", function_body) if function_body is not None else None
        key = function_key(name)
        if name.bare:
            builder.formulas[key] = Formula(key, formals, body, function)
            return
        if function is not None:
            builder.functions[key] = function
            return
    define(builder, name, formals, body, rest)


def _lists_own_entries(builder: Builder, name: Name, body: Node) -> bool:
    """``z_i = (z_{1i}, …, z_{Mi})^T`` behind a line that says what the z_{mi} are: how they lie, as they do anyhow."""
    body = body.argument if isinstance(body, Transpose) else body
    if not isinstance(body, Dotted) or not builder.known.with_base(name.base):
        return False
    return {part.base for part in walk(body) if isinstance(part, Name)} == {name.base}


def _is_filled(builder: Builder, name: Name, formals: tuple[str, ...], formal: str) -> bool:
    """Whether a formal stands for one of several: k(x, c) is called with c_m, the m-th of the centres.

    The sample's index tells nothing: L(y, p) is as good as L(y_i, p_i).  What is defined stands for itself: after
    z_j(x) = … and p(z) = … is p(x_i) that of z(x_i).
    """
    defined = {definition.target for definition in builder.definitions}
    if any(quantity.tensor in defined for quantity in builder.known.with_base(formal)):
        return False
    place = formals.index(formal)
    called = builder.called.get(function_key(name), frozenset())
    given = [argument for k, argument in called if k == place and isinstance(argument, Name)]
    sample = builder.sample.index.name if builder.sample is not None else ""
    return any(
        item.single in builder.indices and item.single != sample
        for argument in given
        if argument.base == formal
        for item in (*argument.subs, *argument.sups)
    ) or any(argument.base != formal and builder.known.with_base(argument.base) for argument in given)


def _is_of_any_number(builder: Builder, name: Name, formal: str, mentioned: set[str]) -> bool:
    """Whether the x of f(x) = x² is any number beside the objects x_i: f is called with a formula in them, f(w x_i)."""
    numbers = {q.base for q in builder.quantities if not q.defined and not q.tensor.axes}
    objects = builder.known.with_base(formal)
    if (mentioned & builder.known.names) - numbers != {formal} or not all(q.subscripted for q in objects):
        return False
    called = builder.called.get(function_key(name), frozenset())
    compound = [argument for _, argument in called if argument.children]
    inside = [{part.base for part in walk(argument) if isinstance(part, Name)} for argument in compound]
    return any(formal in names and name.base not in names for names in inside)


def _body(builder: Builder, side: Side, *, takes_error: bool = False) -> Node:
    """The right side of a definition: Σ without brackets reaches as far as its index occurs, the rest as in a line.

    Of a ρ(e) is e no number of Euler's.
    """
    known = replace(builder.known, names_error=True) if takes_error else builder.known
    wide = read_formula(side.tokens, Words(known), frozenset({"sum"}) | builder.preferred)
    builder.open |= wide.ambiguous
    builder.taken |= wide.ambiguous & builder.preferred
    trees = [wide.tree]
    for point in sorted(wide.ambiguous - {"sum"}):
        trees.append(read_formula(side.tokens, Words(known), frozenset({"sum", point})).tree)
    if known.sums_repeated:
        trees = [*(other for tree in trees for other in summings(tree, Words(known).is_index)), *trees]
    if known.layers.ranges:
        trees = [at_layer(tree, known.layers) for tree in trees]
    for tree in trees:
        if any(isinstance(meaning, Meaning) for meaning in readings(tree, known)):
            return tree
    return trees[0]


def define(builder: Builder, name: Name, formals: tuple[str, ...], body: Node, text: str) -> None:
    """``name(formals) = body`` as a definition with the axes that the body has."""
    found = list(readings(body, builder.known))
    meanings = [m for m in found if isinstance(m, Meaning)]
    if not meanings:
        raise next(problem for problem in found if isinstance(problem, NotUnderstood))
    uniform = [m for m in meanings if not mixes(body, builder.known, m)]  # λ w² beside a loss is a length
    meaning = max(uniform or meanings, key=lambda m: len(m.taken & builder.preferred))
    builder.open |= meaning.open
    builder.taken |= meaning.taken
    builder.definitions.extend(meaning.auxiliary)
    declared, definition = defined(builder.known, name, meaning.value, formals, body, text)
    builder.quantities.append(declared)
    builder.definitions.append(definition)


def mixes(body: Node, known: Declarations, meaning: Meaning) -> bool:
    """Whether a sum adds a vector to a number that the model makes, as it would if w² were no length."""
    if not isinstance(body, Add) or not meaning.value.axes:
        return False
    terms = [term.argument if isinstance(term, Neg) else term for term in body.terms]
    try:
        values = [elaboration(known, Reading(meaning.taken)).value(term) for term in terms]
    except NotUnderstood:
        return False
    return any(not value.axes and tensors(value.expr) for value in values)


def defined(
    known: Declarations, name: Name, value: Value, formals: tuple[str, ...], body: Node | None, text: str
) -> tuple[Declared, Definition]:
    """A quantity with the value as its definition; its subscripts are those of the name."""
    builder = Builder(dict(known.sizes), dict(known.indices), sample=known.sample)
    declared = declared_as(builder, name, (), "value", typeset(name))
    items = [i for i in (*name.sups, *name.subs) if i.single in known.indices]
    indices = [known.indices[i.single or ""].index for i in items]
    if known.sample is not None and declared.sample:
        indices.sort(key=lambda i: i.extent != known.sample.index.extent)  # type: ignore[union-attr]
    if any(axis.extent == ANY_LENGTH for axis in value.axes):
        raise SpecError(
            Text(f"{typeset(name)}: nothing says how long it is", f"{typeset(name)}: неизвестно, какой она длины")
        )
    free = sorted(free_indices(value.expr) - set(value.axes) - set(indices))
    sample = known.sample.index if known.sample is not None else None
    implicit = sample is not None and sample in free and not declared.sample
    stray = [i.name for i in free if i != sample]
    if stray:
        raise StrayIndex(
            Text(
                f"{typeset(name)}: the index {stray[0]} stands on the right only",
                f"{typeset(name)}: индекс {stray[0]} стоит только справа",
            ),
            stray[0],
        )
    if sample is not None and sample in free and not implicit:
        raise SpecError(
            Text(
                f"{typeset(name)}: the index {sample.name} stands on the right only",
                f"{typeset(name)}: индекс {sample.name} стоит только справа",
            )
        )
    all_indices = ([sample] if implicit and sample is not None else []) + indices + list(value.axes)
    bases = {i.index: i.base for i in known.indices.values()}
    tensor = Tensor(declared.tensor.name, tuple(i.extent for i in all_indices), "value")
    full = replace(
        declared,
        tensor=tensor,
        bases=tuple(bases.get(i, known.base_of(i.extent)) for i in all_indices),
        sample=implicit or declared.sample,
        implicit=implicit,
        row=value.row and len(value.axes) == 1,
        formals=formals,
        defined=True,
        body=body,
        latex=typeset(name),
    )
    return full, Definition(tensor, tuple(all_indices), value.expr)
