"""Everything that a report shows, before a medium is chosen: boxes, rules, rows of tables, lines of code.

A document, slides and a page for a browser draw one :class:`Content`; none of them computes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from codegen.checking.trial import check_network
from codegen.report.blocks import Block, Part, Plot, say
from codegen.report.general import error_laws, scheme
from codegen.report.graph import Drawing, depth, drawing
from codegen.report.neurons import units_of
from codegen.report.plots import graphs
from codegen.report.shapes import with_shapes
from codegen.report.sharing import Group, grouped, of_definition, of_derivation
from codegen.report.source import CodeLine, code_lines, plain_lines
from codegen.report.step_sizes import Curve, error_curve
from codegen.report.table import Quantity, quantities
from codegen.report.through_steps import through_steps
from codegen.report.training import Training, training
from codegen.runtime.check import CheckReport
from codegen.targets.numpy.emit import emit
from symbolic import words
from symbolic.derivation import rules
from symbolic.derivation.adjoint import Adjoint, AdjointDefinition, adjoint
from symbolic.derivation.derive import derive, named_functions, slope_derivations, too_many_to_read
from symbolic.derivation.equations import Equation, by_entries, definition_equations, equation_of
from symbolic.derivation.parts import with_named_parts
from symbolic.derivation.record import Because, Derivation, Detail, reason_of, together
from symbolic.derivation.remarks import biases_of_matrices, remarks_on_notation
from symbolic.derivation.rules import RULES, Rule
from symbolic.derivation.written_in import style_of
from symbolic.errors import SpecError
from symbolic.language.definition import Definition
from symbolic.language.expr import Call
from symbolic.language.functions import Function
from symbolic.language.terms import walk
from symbolic.network.budget import enough_to_derive
from symbolic.network.coarse import coarse, inline
from symbolic.network.network import Network
from symbolic.network.objective import Objective, build_objective
from symbolic.network.order import from_the_output, ordered, weights
from symbolic.notation.arrange import arrange, arrange_definition, index_range
from symbolic.notation.boxes import COMMA, Box, joined
from symbolic.notation.breaking import width
from symbolic.notation.quantity_boxes import quantity_key
from symbolic.notation.style import STYLES, Style
from symbolic.words import Text

#: A network with more nodes behind each other than this is derived by its errors, layer by layer.
DEEP = 6
#: More equations than this are shown by one of each kind.
MANY = 64
#: A deep network is written by one layer of each kind.
FEW = 12
#: How wide a line may be that cannot be broken, in em: what does not fit on a page is not made as small as that.
WIDEST = 40.0
#: With shapes below, a formula takes more room.
MANY_MATRICES = 30

Sides = tuple[Box, Box]
#: How much is said of what was derived beforehand: every line, the result alone, or nothing but its rule.
LEMMAS = ("full", "short", "cite")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a report derives: by which parameters (none: all weights), in which form, how finely, and its lemmas."""

    wrt: tuple[str, ...] = ()
    form: str | None = None
    detail: str = "line"
    lemmas: str = "full"

    def __post_init__(self) -> None:
        if self.lemmas not in LEMMAS:
            raise SpecError(
                Text(
                    f"lemmas: got {self.lemmas!r}, there are {', '.join(LEMMAS)}",
                    f"lemmas: дано {self.lemmas!r}, а есть {', '.join(LEMMAS)}",
                )
            )


@dataclass(frozen=True)
class Chain:
    """One derivation, and the left sides of those that are the same but for names."""

    equation: Equation
    derivation: Derivation
    others: tuple[Box, ...] = ()

    @property
    def result(self) -> Sides:
        """Goal and last line alone."""
        return self.equation.left, self.equation.right[-1]


@dataclass(frozen=True)
class Numbered:
    """An equation of the emitted program: its number there, both sides, where its indices run."""

    number: int
    left: Box
    right: Box
    ranges: tuple[Box, ...]
    #: The numbers of those that are the same but for names, where they are not shown.
    others: tuple[int, ...] = ()
    #: The key of what it defines.
    key: str = ""


@dataclass(frozen=True)
class Content:
    network: Network
    notation: str
    style: Style
    drawing: Drawing
    definitions: tuple[Sides, ...]
    quantities: tuple[Quantity, ...]
    #: The same without errors and weighted sums: what a report without numbered equations and code speaks of.
    quantities_of_the_network: tuple[Quantity, ...]
    objective: Sides
    regularized: bool
    #: What the formulas leave unsaid: where the biases are, and the index of the object.
    notes: tuple[Because, ...]
    deep: bool
    rules: tuple[Rule, ...]
    slopes: tuple[Chain, ...]
    derivations: tuple[Chain, ...]
    #: What holds of every network before the errors of this one, in the lecture's letters: the general scheme, what an
    #: error is good for.
    laws: tuple[Block, ...]
    errors: tuple[Chain, ...]
    forward: tuple[Numbered, ...]
    backward: tuple[Numbered, ...]
    #: Each with the reason for an error or a gradient; None: a definition of the network.
    matrices: tuple[tuple[Box, Box, Because | None], ...]
    matrices_shortened: bool
    without_matrices: tuple[Sides, ...]
    gradients: tuple[Sides, ...]
    remarks: tuple[Because, ...]
    #: None where a function has no formula: then there is no code either.
    evidence: CheckReport | None
    curve: Curve | None
    #: The plain NumPy, a line for each equation, and on request the optimised functions.
    code: tuple[CodeLine, ...]
    program: tuple[CodeLine, ...]
    training: Training
    #: The neurons one by one, where the network is a chain of layers.
    units: Drawing | None = None
    #: The functions of the network and their derivatives as curves.
    plots: tuple[Plot, ...] = ()
    #: What stands beside the report itself: the chain through all steps; on request, a worked example.
    parts: tuple[Part, ...] = ()

    @property
    def representatives(self) -> tuple[Sides, ...]:
        """Of gradients that are the same but for names, one."""
        return tuple(chain.result for chain in self.derivations)

    @property
    def shortened(self) -> bool:
        """Whether equations that only continue a pattern are left out."""
        return any(one.others for one in (*self.forward, *self.backward))


CHOICE = Choice()


def content(network: Network, notation: str = "lecture", choice: Choice = CHOICE, keyed: bool = False) -> Content:
    """Derive and check everything once; ``SpecError`` for a parameter, a form or a detail that there is not.

    ``keyed``: every quantity says which it is, for a page that shows what belongs together.
    """
    enough_to_derive(network)
    objective = build_objective(network)
    whole = adjoint(objective)
    written = STYLES[notation].with_keys() if keyed else STYLES[notation]
    style = written.knowing(objective.definitions)
    deep = depth(network) > DEEP and choice == CHOICE
    chains = derived(network, objective, whole, style, deep, choice)
    errors = errors_of(network, whole, parameters=not deep and chains[0].shown.form not in ("backprop", "matrix"))
    slopes = [slope.in_detail(detail_of(choice)) for slope in slope_derivations(objective)]
    forward, backward = numbered(objective, whole, style)
    every = [*objective.definitions, *whole.definitions]
    matrices, without = with_shapes(_each_kind(every, MANY_MATRICES), style)
    whys = {entry.definition.target: why(entry, objective) for entry in whole.entries}
    generic = any(f.kind == "generic" for f in called(objective))
    source = "" if generic else emit(network)
    shown = {one.number for one in (*forward, *backward)}
    some = shown if len(shown) < len(objective.definitions) + len(whole.entries) else None
    first = chains[0].shown
    shown_chains = tuple(chain_of(group, written) for group in chains)
    return Content(
        network=network,
        notation=notation,
        style=style,
        drawing=drawing(network, style),
        definitions=definition_equations(replace_known(first, objective), written)
        if not deep
        else tuple(arrange_definition(d, style) for d in _each_kind(coarse(objective.definitions), FEW)),
        quantities=quantities(objective, whole, style, None if len(every) <= MANY else _each_kind(every)),
        quantities_of_the_network=quantities(objective, whole, style, coarse(objective.definitions)),
        objective=_objective(objective, style),
        regularized=network.regularizer is not None,
        notes=_notes([g.shown for g in (*chains, *errors)], objective, style),
        deep=deep,
        rules=rules_of([*slopes, *(g.shown for g in chains), *(g.shown for g in errors)]),
        slopes=tuple(_lemma(slope, written, choice.lemmas) for slope in slopes if choice.lemmas != "cite"),
        derivations=shown_chains,
        laws=(*scheme(), *error_laws()) if notation == "lecture" else (),
        errors=tuple(chain_of(group, written, _by_entries) for group in errors),
        forward=forward,
        backward=backward,
        matrices=tuple((*sides, whys.get(definition.target)) for definition, sides in matrices),
        matrices_shortened=len(every) > MANY_MATRICES,
        without_matrices=tuple(arrange_definition(d, style) for d in without),
        gradients=tuple(
            chain.result if derivation is group.shown else _result(derivation, written)
            for chain, group in zip(shown_chains, chains, strict=True)
            for derivation in (group.shown, *group.others)
            if derivation.steps
        ),
        remarks=first.remarks,
        evidence=check_network(network) if source else None,
        curve=error_curve(network) if source else None,
        code=plain_lines(source, some) if source else (),
        program=code_lines(source, some) if source else (),
        training=training(),
        units=units_of(objective, style),
        plots=tuple(plots_of(objective)),
        parts=through_steps(network, written) if choice == CHOICE else (),
    )


def why(entry: AdjointDefinition, objective: Objective) -> Because:
    """Why an error is what it is: what was done behind its law, but for what tidies up; nothing where it is the law."""
    quiet = (rules.DELTA, rules.REGROUP, rules.SUBSTITUTION)
    log = (one for contribution in entry.contributions for one in contribution.log if one.rule not in quiet)
    return together(reason_of(one.rule, one.before, objective.facts) for one in log)


def plots_of(objective: Objective) -> Iterator[Plot]:
    """Each function of the network with its derivative."""
    for function in named_functions(objective):
        found = graphs(function)
        if found is not None:
            name = joined([curve.name for curve in found.curves], COMMA)
            yield Plot(found, say(words.CURVES, functions=name))


def called(objective: Objective) -> set[Function]:
    """Every function that the definitions call."""
    return {node.function for d in objective.definitions for node in walk(d.formula) if isinstance(node, Call)}


def derived(
    network: Network, objective: Objective, whole: Adjoint, style: Style, deep: bool, choice: Choice = CHOICE
) -> tuple[Group[Derivation], ...]:
    """∂Q/∂w for every weight, and for every bias that is no component of one; alike ones together.

    In a deep network one of each kind is derived, by errors; of very many one of each kind too.  A choice of
    parameters keeps the order it is given in.
    """
    if choice != Choice(lemmas=choice.lemmas):
        names = list(choice.wrt) or weights(network)
        if (why := too_many_to_read(network, choice.form, choice.detail, len(names))) is not None:
            raise why
        return grouped((derive(network, name, choice.form, choice.detail) for name in names), of_derivation)
    owned = {bias for bias, _ in style.owners or ()}
    names = ordered(objective, (p for p in network.parameters if p.name not in owned)) or weights(network)
    if not deep and len(names) <= MANY:
        return grouped((derive(network, name) for name in names), of_derivation)
    wanted = {*names}
    entries = [entry for entry in whole.entries if entry.of.name in wanted]
    groups = grouped(entries, lambda entry: of_definition(entry.definition))
    return tuple(_derived_once(network, group, "backprop" if deep else None) for group in groups)


def errors_of(network: Network, whole: Adjoint, parameters: bool = False) -> tuple[Group[Derivation], ...]:
    """E_α of every value of the nodes, weighted sums too, from the output backwards; alike ones together, derived
    once.  ``parameters``: ∂Q/∂w by these errors too."""
    values = {d.target for d in whole.objective.definitions if d.node and d.kind != "before"}
    weights_ = {p.tensor for p in network.parameters if parameters and not p.bias}
    entries = [entry for entry in whole.entries if entry.of in values | weights_]
    place = from_the_output(whole.objective)
    entries.sort(key=lambda entry: place(entry.of))
    groups = grouped(entries, lambda entry: of_definition(entry.definition))
    return tuple(_derived_once(network, group, "matrix") for group in groups)


def _derived_once(network: Network, group: Group[AdjointDefinition], form: str | None) -> Group[Derivation]:
    """One of the group derived, the others named."""
    others = tuple(_stub(network, entry.definition) for entry in group.others)
    return Group(derive(network, group.shown.of.name, form), others)


def _stub(network: Network, definition: Definition) -> Derivation:
    """The name of a derivation that is not carried out, because another one is the same."""
    return Derivation(network.name, definition.target.name, "backprop", definition.entry, ())


def replace_known(derivation: Derivation, objective: Objective) -> Derivation:
    """The derivation with the network as the lecture writes it, and with the parts that it has names for."""
    read = with_named_parts(objective) if derivation.form == "backprop" else objective
    return Derivation(
        derivation.network,
        derivation.wrt,
        "chain",
        derivation.goal,
        (),
        definitions=derivation.definitions if derivation.form == "chain" else coarse(read.definitions),
        known=read.definitions,
    )


def chain_of(
    group: Group[Derivation], notation: Style, lines: Callable[[Derivation, Style], Equation] = equation_of
) -> Chain:
    """Slopes of functions have their own section, so a chain is the last of the equations."""
    style = style_of(group.shown, notation).without_sample()
    others = tuple(
        equation_of(other, notation).left if other.steps else arrange(other.goal, style) for other in group.others
    )
    return Chain(lines(group.shown, notation), group.shown, others)


def _by_entries(derivation: Derivation, notation: Style) -> Equation:
    """The lines of an error; the cases of its last step of time only where they fit on a page."""
    equation = by_entries(derivation, notation)
    wide = equation.steps and equation.steps[-1].rule == rules.ENDS and width(equation.right[-1]) > WIDEST
    return equation.without_the_last() if wide else equation


def detail_of(choice: Choice) -> Detail:
    return "rule" if choice.detail == "rule" else "line"


def _lemma(slope: Derivation, notation: Style, lemmas: str) -> Chain:
    """The derivation of a function's slope, or its result alone."""
    equation = equation_of(slope, notation)
    if lemmas == "short":
        last = (equation.right[-1:], equation.reasons[-1:], equation.steps[-1:])
        equation = replace(equation, right=last[0], reasons=last[1], steps=last[2])
    return Chain(equation, slope)


def _notes(derivations: Iterable[Derivation], objective: Objective, style: Style) -> tuple[Because, ...]:
    """What the lines of these derivations, and the matrices beside them, leave unsaid; each once."""
    of_lines = dict.fromkeys(note for one in derivations for note in remarks_on_notation(one, style))
    return (*of_lines, *biases_of_matrices(objective.definitions, style))


def _result(derivation: Derivation, notation: Style) -> Sides:
    """Goal and last line alone."""
    if not derivation.steps:
        raise ValueError(f"{derivation.wrt} was not derived")
    equation = equation_of(derivation, notation)
    return equation.left, equation.right[-1]


def rules_of(derivations: Iterable[Derivation]) -> tuple[Rule, ...]:
    """Every rule that a line cites, each once, in textbook order."""
    cited = {step.rule for derivation in derivations for step in derivation.steps}
    return tuple(rule for rule in RULES.values() if rule in cited)


def _objective(objective: Objective, style: Style) -> Sides:
    """Q(w) with the loss and the regulariser written out."""
    inner = {d.target: d for d in objective.definitions if d.kind in ("loss", "regularizer")}
    whole = objective.definition(objective.value)
    opened = Definition(whole.target, (), inline(whole.formula, inner), "objective")
    return arrange_definition(opened, style.showing(Q=("w",)))


def numbered(objective: Objective, whole: Adjoint, style: Style) -> tuple[tuple[Numbered, ...], tuple[Numbered, ...]]:
    """The equations that the emitted program cites, the network's and the errors', under its numbers."""
    every = [*enumerate((*objective.definitions, *whole.definitions), 1)]
    groups = grouped(every, lambda pair: of_definition(pair[1]) if len(every) > MANY else str(pair[0]))
    shown = [_numbered(group, style) for group in groups]
    last = len(objective.definitions)
    return tuple(n for n in shown if n.number <= last), tuple(n for n in shown if n.number > last)


def _numbered(group: Group[tuple[int, Definition]], style: Style) -> Numbered:
    number, definition = group.shown
    left, right = arrange_definition(definition, style, ranges=False)
    ranges = tuple(index_range(index, style) for index in definition.indices)
    return Numbered(
        number, left, right, ranges, tuple(other for other, _ in group.others), quantity_key(definition.target)
    )


def _each_kind(definitions: Iterable[Definition], many: int = MANY) -> list[Definition]:
    """All of a short list, one of each kind of a long one."""
    every = list(definitions)
    return every if len(every) <= many else [group.shown for group in grouped(every, of_definition)]
