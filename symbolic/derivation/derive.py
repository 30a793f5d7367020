"""``derive``: from a network to the derivation of ∂Q/∂w in the form that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from symbolic.derivation import rules, step_products
from symbolic.derivation.adjoint import indices_of
from symbolic.derivation.backprop import backprop, matrix
from symbolic.derivation.calculus import Lemma, carry_out, has_kink, lemma, partials
from symbolic.derivation.chain import chain
from symbolic.derivation.expanded import expanded
from symbolic.derivation.factors_of_steps import factors_of_steps
from symbolic.derivation.naming_rules import softmax_axis
from symbolic.derivation.parts import named_parts, with_named_parts
from symbolic.derivation.readable import is_readable
from symbolic.derivation.record import Because, Derivation, Detail, Form, Prover, Step
from symbolic.derivation.stacked import stacked
from symbolic.errors import SpecError
from symbolic.language.affine import Index, Subscript, subscript
from symbolic.language.collector import collector_paused
from symbolic.language.definition import Definition
from symbolic.language.expr import ZERO, Call, Entry, Expr, Mul, Partial, Pow, Tensor, Where, add, mul, neg, power
from symbolic.language.functions import Function, U, V, absolute, maximum, minimum
from symbolic.language.recurrence import recurrences, stepping
from symbolic.language.terms import bound_indices, delta, fresh_index, walk
from symbolic.network.coarse import coarse
from symbolic.network.network import Described, Network
from symbolic.network.objective import Objective
from symbolic.words import Text

FORMS: tuple[Form, ...] = ("chain", "expanded", "backprop", "matrix")
DETAILS: tuple[Detail, ...] = ("line", "rule")


def derive(network: Described, wrt: str | None = None, form: str | None = None, detail: str = "line") -> Derivation:
    """Derive ∂Q/∂wrt for a network.

    ``wrt`` names a parameter (None: the first) or, for the forms by errors, a value z, for E_z;
    ``form`` is "chain", "expanded", "backprop" or "matrix" (None: the lecture's own, expanded for a single
    neuron and the chain through the layers otherwise);
    ``detail`` is "line" (the lecture's lines) or "rule" (every rule a step).  ``SpecError`` names what there is.
    """
    objective = Network.of(network).objective
    chosen = _choice("form", form or lecture_form(objective), FORMS)
    variable = _value_of(objective, wrt) if chosen in ("backprop", "matrix") else None
    finely: Detail = "rule" if _choice("detail", detail, DETAILS) == "rule" else "line"
    return _derived(objective, variable or parameter_of(objective, wrt), chosen, finely).in_detail(finely)


def _value_of(objective: Objective, name: str | None) -> Tensor | None:
    """The value of that name: E_z is asked for as any gradient is."""
    values = (d.target for d in objective.definitions if d.node and name in (d.target.name, f"E_{d.target.name}"))
    return next(values, None)


@lru_cache(maxsize=64)
def lecture_form(objective: Objective) -> str:
    """The form of the lecture's slides: everything expanded for one neuron, the chain for a network.

    Where that form is for no reader, because the network is too large or the lines get too long, it is the one that
    names each value once.
    """
    nodes = {definition.node for definition in objective.definitions if definition.node}
    form = "expanded" if len(nodes) == 1 else "chain"
    if recurrences(objective.definitions):
        return "backprop"
    return form if unreadable(objective, form) is None and is_readable(objective, form) else "backprop"


def _choice(what: str, given: str, known: tuple[str, ...]) -> str:
    if given not in known:
        raise SpecError(
            Text(
                f"{what}: got {given!r}, there are {', '.join(known)}",
                f"{what}: дано {given!r}, а есть {', '.join(known)}",
            )
        )
    return given


def parameter_of(objective: Objective, wrt: str | None) -> Tensor:
    """The parameter of that name (None: the first); ``SpecError`` names those there are."""
    names = [parameter.tensor.name for parameter in objective.parameters]
    if not names:
        raise SpecError(
            Text(
                f"network {objective.network.name!r} has no parameters to derive by",
                f"у сети {objective.network.name!r} нет параметров, по которым брать производную",
            )
        )
    if wrt is None:
        return objective.parameters[0].tensor
    if wrt not in names:
        raise SpecError(
            Text(
                f"wrt: {wrt!r} is no parameter of {objective.network.name!r}, which has {', '.join(names)}",
                f"wrt: {wrt!r} — не параметр сети {objective.network.name!r}; её параметры: {', '.join(names)}",
            )
        )
    return objective.parameters[names.index(wrt)].tensor


@lru_cache(maxsize=256)
@collector_paused()
def _derived(objective: Objective, parameter: Tensor, form: str, detail: Detail) -> Derivation:
    slopes = slope_derivations(objective)
    if form in ("backprop", "matrix"):
        build, remarks = (backprop, in_parts(objective)) if form == "backprop" else (matrix, ())
        of = with_named_parts(objective) if form == "backprop" else objective
        derivation = build(of, parameter, detail=detail)
        lemmas = (*slopes, *derivation.lemmas)
        return replace(derivation, lemmas=lemmas, remarks=(*conventions(objective), *remarks), facts=objective.facts)
    too_large = unreadable(objective, form)
    if too_large:
        raise SpecError(
            Text(
                f"form {form}: {too_large}; take form backprop, which names each value once",
                f"form {form}: {too_large.ru}; возьмите форму backprop, в которой каждая величина названа один раз",
            )
        )
    by = Entry(parameter, tuple(subscript(i) for i in indices_of(parameter, objective.definitions)))
    goal, steps = chain(objective, by, detail=detail) if form == "chain" else expanded(objective, by)
    definitions = coarse(objective.definitions)
    definitions = stacked(definitions) if form == "chain" else definitions
    inside = factors_of_steps(objective, detail) if any(step_products.apart(step.line) for step in steps) else ()
    return Derivation(
        objective.network.name,
        parameter.name,
        "chain" if form == "chain" else "expanded",
        goal,
        steps,
        definitions,
        (*slopes, *inside),
        objective.definitions,
        (*conventions(objective), *_of_steps(steps, definitions)),
        facts=objective.facts,
    )


def _of_steps(steps: Iterable[Step], definitions: Iterable[Definition]) -> tuple[Because, ...]:
    """What there is to say of the signs of a chain through the steps of a recurrence."""
    known = stepping(definitions)
    lines = [step.line for step in steps]
    said = (
        (step_products.NOTATION, (step_products.formulas_of_notation(line, known) for line in lines)),
        (step_products.OF_BLOCKS, map(step_products.formulas_of_blocks, lines)),
    )
    found = ((words, next(filter(None, formulas), ())) for words, formulas in said)
    return tuple(Because(words, formulas) for words, formulas in found if formulas)


_RELU = Function("relu", "generic")
#: Past these nobody reads a form that writes every path out, and deriving it takes minutes: how many values
#: lie one behind the other, how many paths lead from Q to a parameter, how many symbols Q has when written out.
DEEPEST, MOST_PATHS, LONGEST = {"chain": 24, "expanded": 8}, 200, 2000


def unreadable(objective: Objective, form: str) -> Text | None:
    """Why the chain or expanded form of this network is not for reading, or None."""
    groups = recurrences(objective.definitions)
    if form == "chain" and (why := step_products.refused(objective.definitions)) is not None:
        return why
    for group in groups if form != "chain" else ():
        name, running = group.members[-1].node or group.members[-1].target.name, group.index.name
        return Text(
            f"{name} is made of itself a step earlier, and this form would write out every step of {running}",
            f"{name} получается из себя на прежнем шаге, и в этой форме пришлось бы выписать каждый шаг по {running}",
        )
    depth: dict[Tensor, int] = {}
    paths: dict[Tensor, int] = {}
    length = written_out(objective)
    for definition in coarse(objective.definitions):
        nodes = list(walk(definition.formula))
        used = [node.tensor for node in nodes if isinstance(node, Entry)]
        depth[definition.target] = 1 + max((depth.get(t, 0) for t in used), default=0)
        paths[definition.target] = sum(paths.get(t, 1) for t in dict.fromkeys(used) if t.role != "input")
    name, layers = objective.network.name, depth[objective.value] - 2
    if layers > DEEPEST[form]:
        return Text(
            f"network {name!r} is {layers} layers deep, and this form is for up to {DEEPEST[form]}",
            f"в сети {name!r} слоёв {layers}, а эта форма — для {DEEPEST[form]} и меньше",
        )
    if paths[objective.value] > MOST_PATHS:
        return Text(
            f"Q of {name!r} has {paths[objective.value]} paths to its parameters, and this form is for {MOST_PATHS}",
            f"в сети {name!r} от Q к параметрам путей {paths[objective.value]}, а эта форма — для {MOST_PATHS}",
        )
    if form == "expanded" and length > LONGEST:
        return Text(
            f"Q of {name!r} is {length} symbols long written out, this form is for {LONGEST}",
            f"у сети {name!r} целевая функция в развёрнутом виде занимает {length} знаков, а эта форма — для {LONGEST}",
        )
    return None


def written_out(objective: Objective) -> int:
    """How many symbols Q has when every value in it is written out."""
    length: dict[Tensor, int] = {}
    for definition in coarse(objective.definitions):
        nodes = list(walk(definition.formula))
        inside = sum(length.get(node.tensor, 0) for node in nodes if isinstance(node, Entry))
        length[definition.target] = len(nodes) + inside
    return length[objective.value]


#: So many symbols the gradients of one network may have together, each of them in a hundred lines or so by rules.
MOST_SYMBOLS: dict[str, int] = {"line": 40_000, "rule": 10_000}


def too_many_to_read(network: Described, form: str | None, detail: str, count: int) -> SpecError | None:
    """Why nobody reads so many gradients in a form that writes Q out in each, or None."""
    objective = Network.of(network).objective
    symbols = count * written_out(objective)
    if form != "expanded" or count < 2 or symbols <= MOST_SYMBOLS[detail]:
        return None
    return SpecError(
        Text(
            f"form expanded: {count} gradients of {symbols // count} symbols each are too long to be read; ask for "
            "one of them (--wrt), or take form backprop, which names each value once",
            f"форма expanded: градиентов {count}, по {symbols // count} знаков в каждом, и читать это долго; спросите "
            "об одном (--wrt) или возьмите форму backprop, в которой каждая величина названа один раз",
        )
    )


#: What is taken where a primitive has no derivative; said under every derivation that meets it.
KINKS = {
    maximum: Because(
        Text(
            "{f} has no derivative where {u} and {v} are equal; the slope of {v} is taken there, so that {relu} is 0.",
            "{f} не имеет производной там, где {u} и {v} равны; там берётся производная {v}, так что {relu} равна 0.",
        ),
        (("f", maximum(U, V)), ("u", U), ("v", V), ("relu", Call(_RELU.prime, (ZERO,)))),
    ),
    minimum: Because(
        Text(
            "{f} has no derivative where {u} and {v} are equal; the slope of {v} is taken there.",
            "{f} не имеет производной там, где {u} и {v} равны; там берётся производная {v}.",
        ),
        (("f", minimum(U, V)), ("u", U), ("v", V)),
    ),
    absolute: Because(
        Text(
            "{f} has no derivative at 0; the subgradient 0 is taken there.",
            "{f} не имеет производной в точке 0; там берётся субградиент 0.",
        ),
        (("f", absolute(U)),),
    ),
}
ROOT_CONVENTION = Because(
    Text(
        "A power below 1, such as {f}, has no derivative at 0; the subgradient 0 is taken there.",
        "Степень меньше 1, такая как {f}, не имеет производной в точке 0; там берётся субградиент 0.",
    ),
    (("f", power(U, Fraction(1, 2))),),
)
CASE_CONVENTION = Because(
    Text(
        "A function given by cases is differentiated case by case; on the boundary the last case holds.",
        "Функция, заданная по случаям, дифференцируется в каждом случае; на границе действует последний случай.",
    )
)


@lru_cache(maxsize=64)
def in_parts(objective: Objective) -> tuple[Because, ...]:
    """Which names the derivation gives to parts of formulas, where it gives any."""
    parts = tuple((f"part{k}", d.entry) for k, d in enumerate(named_parts(objective)))
    shown = ", ".join(f"{{{place}}}" for place, _ in parts)
    said = Text(
        f"Parts of long formulas have names of their own: {shown}.",
        f"Части длинных формул получили свои обозначения: {shown}.",
    )
    return (Because(said, parts),) if parts else ()


@lru_cache(maxsize=64)
def conventions(objective: Objective) -> tuple[Because, ...]:
    """What the derivation takes for granted: a subgradient at each kink, the choice at each boundary of cases."""
    nodes = [node for d in objective.definitions for node in _opened(d.formula)]
    met = {node.function for node in nodes if isinstance(node, Call)}
    said = tuple(text for function, text in KINKS.items() if function in met)
    said += (ROOT_CONVENTION,) if any(map(has_kink, nodes)) else ()
    return (*said, CASE_CONVENTION) if any(isinstance(node, Where) for node in nodes) else said


def _opened(expr: Expr) -> Iterator[Expr]:
    """Every node of a formula, those of the bodies of named functions too."""
    for node in walk(expr):
        yield node
        if isinstance(node, Call) and node.function.body is not None:
            yield from _opened(node.function.body)


def named_functions(objective: Objective) -> tuple[Function, ...]:
    """The named functions that the definitions call, each once."""
    calls = (n for d in objective.definitions for n in walk(d.formula) if isinstance(n, Call))
    return tuple(dict.fromkeys(call.function for call in calls if call.function.kind == "named"))


@lru_cache(maxsize=64)
def slope_derivations(objective: Objective) -> tuple[Derivation, ...]:
    """The derivatives of the functions of a network, softmax among them: what its own derivation takes as known."""
    slopes = tuple(slope_derivation(f, objective.network.name) for f in named_functions(objective))
    softmax = next((d for d in objective.definitions if softmax_axis(d)), None)
    return slopes if softmax is None else (*slopes, softmax_derivation(softmax, objective))


def softmax_derivation(definition: Definition, objective: Objective) -> Derivation:
    """∂p_s/∂a_k = p_s (δ_sk - p_k), by the quotient rule from the definition of softmax."""
    found = softmax_axis(definition)
    assert found is not None
    before, axis = found
    index = before.subscripts[axis].single
    assert index is not None
    other = subscript(fresh_index(index, (*definition.indices, *bound_indices(definition.formula))))
    by = Entry(before.tensor, (*before.subscripts[:axis], other, *before.subscripts[axis + 1 :]))
    goal = Partial(definition.entry, by, direct=True)
    opened = Partial(definition.formula, by, direct=True)
    assert isinstance(definition.formula, Mul)
    above, below = definition.formula.factors
    assert isinstance(below, Pow)
    parts = [Partial(part, by, direct=True) for part in (above, below.base)]
    quotient = mul(add(mul(parts[0], below.base), neg(mul(above, parts[1]))), power(below.base, -2))
    carried, log = carry_out(quotient)
    value = definition.entry
    own = mul(value, add(delta(subscript(index), other), neg(definition_entry_at(definition, index, other))))
    prover = Prover((definition,))
    steps = (
        prover.step(rules.DEFINITION, goal, opened),
        prover.step(rules.QUOTIENT, opened, quotient),
        prover.step(rules.of_function("exp"), quotient, carried, substeps=prover.log(log)),
        prover.step(rules.OWN_VALUE, carried, own),
    )
    title = Text("derivative of {f}", "производная {f}").format(f="softmax")
    known = objective.definitions
    return Derivation(objective.network.name, "softmax", "expanded", goal, steps, known=known, title=title)


def definition_entry_at(definition: Definition, index: Index, other: Subscript) -> Entry:
    """The defined entry with one index replaced."""
    subscripts = (other if sub.single == index else sub for sub in definition.entry.subscripts)
    return Entry(definition.target, tuple(subscripts))


def in_lines(found: Lemma, prover: Prover) -> Iterator[Step]:
    """The steps of a lemma as lines; what stands above and below a bar is differentiated in one."""
    singles = prover.log(found.log)
    ends = [k for k, step in enumerate(singles) if not any(True for _ in partials(step.line))]
    inside = singles[1 : ends[0]] if ends else []
    if len(inside) < 2 or singles[0].rule != rules.QUOTIENT or any(step.condition for step in singles):
        yield from singles
        return
    yield singles[0]
    last = singles[ends[0]]
    grouped = (*inside, last)
    rule = next((step.rule for step in grouped if step.rule not in _SMALL), last.rule)
    yield prover.step(rule, singles[0].line, last.line, substeps=grouped)
    yield from singles[ends[0] + 1 :]


#: Rules that go without saying beside one that says more.
_SMALL = {rules.SUM, rules.CONSTANT_FACTOR, rules.IDENTITY, rules.INDEPENDENT, rules.REGROUP}


def slope_derivation(function: Function, network: str = "") -> Derivation:
    """f′(u) of a named function, from its formula: σ′(u) = σ(u)(1 - σ(u)) with every step."""
    found = lemma(function)
    prover = Prover()
    goal = Partial(Call(function, (U,)), U, direct=True)
    opened = prover.step(rules.DEFINITION, goal, found.goal)
    steps = (opened, *in_lines(found, prover))
    title = Text("derivative of {f}", "производная {f}").format(f=function.name)
    return Derivation(network, function.name, "expanded", goal, steps, title=title)
