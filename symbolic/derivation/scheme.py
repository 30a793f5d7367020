r"""The general scheme: ∂Q/∂w_j for any composition of differentiable functions, as deep as asked.

    ∂Q(α₁, α₂, …)/∂w_j = Σ_s ∂Q/∂α_s ∂α_s(β₁, β₂, …)/∂w_j
                       = Σ_s ∂Q/∂α_s Σ_t ∂α_s/∂β_t ∂β_t(γ₁, γ₂, …)/∂w_j = …

(The lecture's slide "Градиент для нейронной сети — общая схема".)  The lines are made by the same rule
that unrolls a given network (``symbolic.derivation.chain``), on a network of generic functions.
"""

from __future__ import annotations

from symbolic.derivation import rules
from symbolic.derivation.calculus import partials
from symbolic.derivation.chain import one_layer_further
from symbolic.derivation.record import Derivation, Prover, Step
from symbolic.errors import SpecError
from symbolic.language.affine import Index, Subscript, size, subscript
from symbolic.language.definition import Definition
from symbolic.language.dependence import dependent
from symbolic.language.expr import Entry, Expr, Partial, Sum, Symbol, Tensor, mul, total
from symbolic.language.functions import generic
from symbolic.language.terms import subscripts_of, substitute, transform, walk
from symbolic.notation.style import UNSAID
from symbolic.words import Text

#: The families of values from the output inwards, the index that runs over each, and how many there are.
FAMILIES = (("alpha", "s"), ("beta", "t"), ("gamma", "r"), ("delta", "m"), ("epsilon", "l"), ("zeta", "n"))


def general_scheme(depth: int = 2) -> Derivation:
    """The scheme unrolled ``depth`` families of values deep; ``SpecError`` unless 1 ≤ depth ≤ 5."""
    if not 1 <= depth < len(FAMILIES):
        raise SpecError(
            Text(
                f"depth: got {depth}, the general scheme is unrolled 1 to {len(FAMILIES) - 1} layers deep",
                f"depth: дано {depth}, а общая схема раскрывается на глубину от 1 до {len(FAMILIES) - 1}",
            )
        )
    definitions, weight = _network(depth + 1)
    value = definitions[-1].target
    network = dependent(definitions, weight.tensor)
    prover = Prover(definitions)
    goal = Partial(Entry(value), weight)
    line: Expr = goal
    steps: list[Step] = []
    for _ in range(depth):
        partial = next(p for p in partials(line) if not p.direct)
        further = one_layer_further(partial, network, line)
        after = substitute(line, {partial: further})
        steps.append(prover.step(rules.CHAIN_MANY, line, after))
        line = after
    return Derivation("", weight.tensor.name, "scheme", goal, tuple(steps))


def as_on_the_slide(expr: Expr) -> Expr:
    """How the lecture writes it: no limits at Σ, and the function that is still open with its arguments."""
    unsaid = {index: Index(index.name, UNSAID) for index in _indices(expr)}

    def written(node: Expr) -> Expr | None:
        match node:
            case Sum(body, index):
                return total(as_on_the_slide(body), unsaid[index])
            case Partial(Entry(tensor, subs), by, False):
                return Partial(_with_arguments(tensor, subs), _renamed(by, unsaid))
            case Partial(Entry(tensor, subs) as of, by, True):
                return Partial(_renamed(of, unsaid), _renamed(by, unsaid), True)
        return None

    return transform(expr, written)


def _indices(expr: Expr) -> set[Index]:
    return {i for node in walk(expr) for sub in subscripts_of(node) for i in sub.keys} | {
        i for node in walk(expr) if isinstance(node, Partial) for sub in subscripts_of(node.of) for i in sub.keys
    }


def _renamed(entry: Expr, unsaid: dict[Index, Index]) -> Entry:
    assert isinstance(entry, Entry)
    axes = tuple(UNSAID for _ in entry.tensor.axes)
    values = {old: subscript(new) for old, new in unsaid.items()}
    subs = tuple(sub.replace(values) for sub in entry.subscripts)
    return Entry(Tensor(entry.tensor.name, axes, entry.tensor.role), subs)


def _with_arguments(tensor: Tensor, subs: tuple[Subscript, ...]) -> Expr:
    """α_s(β₁, β₂, …): the next family are the arguments."""
    names = ["Q", *(name for name, _ in FAMILIES)]
    following = Tensor(names[names.index(tensor.name) + 1], (UNSAID,))
    name = "_".join([tensor.name, *map(str, subs)])
    return generic(name)(following[0], following[1], Symbol("dots"))


def _network(families: int) -> tuple[tuple[Definition, ...], Entry]:
    """Q of all α, each α of all β, …, the last family of all w; every function generic."""
    w, j = Tensor("w", (size("J"),), "parameter"), Index("j", size("J"))
    inner, over = w, j
    definitions = []
    for name, letter in reversed(FAMILIES[:families]):
        index = Index(letter, size(letter.upper()))
        mixing = Tensor(f"c_{name}", (index.extent, over.extent), "input")
        formula = generic(name)(total(mul(mixing[index, over], inner[over]), over))
        inner, over = Tensor(name, (index.extent,)), index
        definitions.append(Definition(inner, (index,), formula))
    mixing = Tensor("c_Q", (over.extent,), "input")
    formula = generic("q")(total(mul(mixing[over], inner[over]), over))
    definitions.append(Definition(Tensor("Q"), (), formula, "objective"))
    return tuple(definitions), w[j]
