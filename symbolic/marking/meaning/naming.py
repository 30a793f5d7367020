"""From a name with its scripts to a quantity with subscripts; and which brackets are arguments."""

from __future__ import annotations

from dataclasses import dataclass, replace

from symbolic.fuel import spend
from symbolic.language.affine import Affine
from symbolic.language.expr import Tensor
from symbolic.marking.grammar.known_words import TRANSPOSES, WORDS
from symbolic.marking.grammar.tree import (
    OF_UPDATES,
    Add,
    Blank,
    Call,
    Component,
    Name,
    Neg,
    Node,
    Num,
    Ones,
    Power,
    Script,
    Transpose,
    walk,
)
from symbolic.marking.grammar.unrolled import layered
from symbolic.marking.meaning.declared import Declarations, Declared, function_key, label, scripts_text

#: The letter for the number of a class, where a name has one below it: p_{y_i}.
OF_CLASS = "class'"
#: So many things of one name are told apart in a step.
A_STEP = 4
#: Names of three letters that are no products.
SHORT_WORDS = frozenset({"out", "net", "err", "act", "inp", "reg", "obj", "acc"})


@dataclass(frozen=True, slots=True)
class Words:
    """The grammar's view of the declarations."""

    declarations: Declarations

    def is_function(self, name: Name) -> bool:
        known = self.declarations
        if name.below is not None:
            return False
        if not name.bare:
            family = name.base in known.families and len(name.subs) == 1 and not name.sups
            return family or function_key(name) in known.functions
        if name.base == r"\sigma" and not known.with_base(name.base):
            return True  # the sigmoid, when nobody says otherwise
        return name.base in known.functions or name.base in known.formulas

    def is_declared(self, base: str) -> bool:
        return base in self.declarations.names

    def is_named_later(self, base: str) -> bool:
        return base == "e" and self.declarations.names_error

    def is_word(self, text: str) -> bool:
        return len(text) > 3 or text in SHORT_WORDS

    def has_superscript(self, base: str, superscript: str) -> bool:
        """``a^2`` is the a of layer 2 where every a has such a label; so is a δ^2 that nobody declared."""
        found = self.declarations.with_base(base)
        if superscript in OF_UPDATES:
            return True
        if found and all(q.above for q in found) and self.is_index(superscript):
            return True  # u^h, whatever h runs over
        if len(superscript) > 1 and any(scripts_text(as_scripts(q.sup_labels)) == superscript for q in found):
            return True  # c^{t-1} beside c
        if not all(q.sup_labels for q in found) or (not found and (self.is_declared(base) or base in WORDS)):
            return False
        if superscript[0] not in "([" and self.declarations.layers.mentions(superscript):
            return True
        if superscript in ("0", "1") and self.declarations.layers.ranges:
            return True  # a^0 = x, a^1 = x: what goes in, and no power
        every = self.declarations.quantities
        return any(q.sup_labels and scripts_text(as_scripts(q.sup_labels)) == superscript for q in every)

    def is_quantity(self, base: str) -> bool:
        known = self.declarations
        return bool(known.with_base(base)) or any(base in n for n in (known.indices, known.functions, known.formulas))

    def reads_differentials(self) -> bool:
        return self.declarations.varied is not None

    def is_index(self, letter: str) -> bool:
        return letter in self.declarations.indices

    def is_given(self, name: Name) -> bool:
        return any(not q.defined for q in candidates(self.declarations, name)[:1])

    def is_array(self, node: Name | Ones) -> bool:
        known = self.declarations
        if not known.primes_transpose or isinstance(node, Ones):
            return known.primes_transpose
        if node.primes or known.with_base(node.base + "'"):
            return False
        found = candidates(known, node)[:1]
        return any(len(remaining(q, node) or ()) < len(q.tensor.axes) - q.implicit for q in found)

    def sample_letter(self) -> str:
        sample = self.declarations.sample
        return sample.index.name if sample is not None else ""

    def parameter(self, names: tuple[Node, ...]) -> Node | None:
        """What a bare ∇ is by: the only parameter, or the only one of several that is no number."""
        found: list[Name] = [n for n in names if isinstance(n, Name) and self.is_parameter(n)]
        if not found:
            own = [q for q in self.declarations.quantities if q.tensor.role == "parameter"]
            tensors = {q.tensor for q in own}
            shaped = {tensor for tensor in tensors if tensor.axes}
            only = next(iter(tensors if len(tensors) == 1 else shaped)) if 1 in (len(tensors), len(shaped)) else None
            one = next((q for q in own if q.tensor == only and not q.tail), None)
            found = [Name(one.base, as_scripts(one.sub_labels), as_scripts(one.sup_labels))] if one else []
        if len(found) > 1:
            found = [n for n in found if candidates(self.declarations, n)[0].tensor.axes]
        return found[0] if len(found) == 1 else None

    def arguments_of(self, node: Node) -> tuple[Node, ...]:
        found = candidates(self.declarations, node)[:1] if isinstance(node, Name) else []
        return tuple(Name(formal) for quantity in found for formal in quantity.formals)

    def numbers_differentiated_by(self, names: tuple[Node, ...]) -> tuple[Node, ...]:
        own = [q for q in self.declarations.quantities if q.tensor.role == "parameter"]
        named = [n for n in names if isinstance(n, Name) and self.is_parameter(n)]
        if any(q.tensor.axes for q in own):
            return ()
        every = [Name(q.base, as_scripts(q.sub_labels), as_scripts(q.sup_labels)) for q in own if not q.tail]
        return tuple(named or every)

    def is_parameter(self, name: Name) -> bool:
        return any(q.tensor.role == "parameter" for q in candidates(self.declarations, name)[:1])

    def reads_as_call(self, name: Name, arguments: tuple[Node, ...]) -> bool:
        """``p(z)``, ``L(y_i, p_i)``, ``a(x; w)`` are calls, ``p(1-p)``, ``z_j(y)``… products."""
        found = next((q for q in candidates(self.declarations, replace(entry_of(name), primes=0))), None)
        if found is None or not found.defined:
            return found is not None and self.is_feature_of(found, name, arguments)
        if all(self.names_plainly(found, argument) for argument in arguments):
            return True
        if not found.formals:
            return False
        if len(arguments) > 1:
            return True
        argument = arguments[0]
        if isinstance(argument, Blank) or self.names_argument(found, argument) or self.fills(found, argument):
            return True
        if moves(found, argument) or self.is_of_a_matrix(found, argument) or self.is_of_alike(found, argument):
            return True
        if self.is_of_number_alone(found, argument):
            return True
        return bool(name.primes) and isinstance(argument, Num)  # φ''(0)

    def is_of_alike(self, quantity: Declared, argument: Node) -> bool:
        """``f(x_i)`` of an f(X) that was declared with a vector: x_i is another one of that length."""
        (formal,) = quantity.formals if len(quantity.formals) == 1 else ("",)
        of = [q for q in self.declarations.with_base(formal) if not q.defined and not q.subscripted and q.tensor.axes]
        other = candidates(self.declarations, argument)[:1] if isinstance(argument, Name) else []
        return any(
            not q.defined
            and q.tensor.axes[q.subscripted :] == of[0].tensor.axes
            and len(remaining(q, argument) or ()) == q.subscripted
            for q in other
            if of and isinstance(argument, Name)
        )

    def is_of_number_alone(self, quantity: Declared, argument: Node) -> bool:
        """``f(w x)`` of an f that is made of the number x alone, f(x) = x²: taken at another number."""
        (formal,) = quantity.formals if len(quantity.formals) == 1 else ("",)
        made_of = self.declarations.closure(quantity.tensor) - {quantity.tensor}
        alone = not quantity.tensor.axes and all(
            not q.tensor.axes and {q.tensor} == made_of for q in self.declarations.with_base(formal)
        )
        names = {part.base for part in walk(argument) if isinstance(part, Name)}
        return alone and bool(made_of) and formal in names and quantity.base not in names

    def is_of_a_matrix(self, quantity: Declared, argument: Node) -> bool:
        """``f(A x + b)`` of a number f of one vector: the vector is another one there."""
        (formal,) = quantity.formals if len(quantity.formals) == 1 else ("",)
        vector = any(len(q.tensor.axes) == 1 and not q.subscripted for q in self.declarations.with_base(formal))
        names = [part for part in walk(argument) if isinstance(part, Name)]
        own = quantity.tensor.axes or any(name.base in (formal, quantity.base) for name in names)
        return vector and not own and any(is_matrix(self.declarations, name) for name in names)

    def is_feature_of(self, quantity: Declared, name: Name, arguments: tuple[Node, ...]) -> bool:
        """``φ(x_n)`` of data φ_n that each object has: its features, whatever x is."""
        first, *others = arguments
        if quantity.defined or quantity.subscripted != 1 or name.subs or others or not isinstance(first, Name):
            return False
        at_object = len(first.subs) == 1 and self.is_index(first.subs[0].single or "")
        known = candidates(self.declarations, first)[:1]
        return (at_object or (first.bare and quantity.sample)) and not any(q.defined for q in known)

    def names_plainly(self, quantity: Declared, argument: Node) -> bool:
        """A mere name of what the quantity is made of, or one that nobody declared: the θ of all parameters."""
        if isinstance(argument, Blank):
            return True
        if not isinstance(argument, Name) or argument.primes:
            return False
        if self.names_argument(quantity, argument) or self.is_made_of(quantity, argument):
            return True
        return argument.bare and not self.is_declared(argument.base)

    def is_made_of(self, quantity: Declared, argument: Name) -> bool:
        """Whether the definition leads to a quantity of that name."""
        made_of = self.declarations.closure(quantity.tensor) - {quantity.tensor}
        return any(q.tensor in made_of for q in self.declarations.with_base(argument.base))

    def was_declared_with_arguments(self, name: Name) -> bool:
        return any(q.formals for q in candidates(self.declarations, entry_of(name))[:1])

    def names_argument(self, quantity: Declared, argument: Node) -> bool:
        """The argument repeats what the quantity was declared with, at most with subscripts."""
        while isinstance(argument, Transpose | Component | Power):
            argument = argument.children[0]
        if isinstance(argument, Call):
            argument = argument.function
        if not isinstance(argument, Name):
            return False
        if argument.base in quantity.formals:
            return True
        return any(q.base == argument.base for q in self.ancestors(quantity))

    def ancestors(self, quantity: Declared) -> tuple[Declared, ...]:
        """The quantities it depends on, as far as the formals tell: z for p(z), then x for z(x)."""
        found: list[Declared] = []
        waiting = list(quantity.formals)
        while waiting:
            base = waiting.pop()
            for q in self.declarations.with_base(base):
                if q not in found:
                    found.append(q)
                    waiting.extend(q.formals)
        return tuple(found)

    def fills(self, quantity: Declared, argument: Node) -> bool:
        """L(σ(wᵀx)): something other than a sum of things put in the place of the argument."""
        if quantity.sample and not quantity.implicit:
            return False
        plain = not isinstance(argument, Add | Num | Neg | Name) and not any(isinstance(n, Add) for n in walk(argument))
        return plain and len(quantity.formals) == 1 and isinstance(argument, Call)


class LetWords(Words):
    """On the left of a ``let`` every bracket after a name holds arguments."""

    def is_function(self, name: Name) -> bool:
        return False

    def reads_as_call(self, name: Name, arguments: tuple[Node, ...]) -> bool:
        return True

    def is_word(self, text: str) -> bool:
        return True

    def has_superscript(self, base: str, superscript: str) -> bool:
        r"""What stands above a name is a label or an index: a^{1}, x^{i}, a^{\sigma}."""
        label = superscript.lstrip("\\").replace("+", "").replace("-", "")  # c^{t-1}: of another step
        return label.isalnum() and superscript[0] not in "+-" and superscript not in TRANSPOSES


def is_matrix(known: Declarations, name: Name) -> bool:
    """Whether a name stands for rows and columns."""
    return any(
        len(q.tensor.axes) - q.subscripted == 2 and not remaining(q, name) and not q.sample
        for q in candidates(known, name)[:1]
    )


def moves(quantity: Declared, argument: Node) -> bool:
    """``f(w + t u)`` of an f that was declared with w: taken at another place, and no product."""
    terms = argument.terms if isinstance(argument, Add) else ()
    itself = any(isinstance(part, Name) and part.base == quantity.base for part in walk(argument))
    return not itself and any(term == Name(formal) for term in terms for formal in quantity.formals[:1])


def entry_of(name: Name) -> Name:
    """An entry p_c for the p_{y_i} that the number of a class picks."""
    return name if name.below is None else replace(name, subs=(*name.subs, Affine.of(OF_CLASS)), below=None)


def candidates(known: Declarations, name: Name) -> list[Declared]:
    """The quantities that the labels of a name allow at the layer at hand, the most specific first."""
    if known.layers.ranges:
        name = layered(name, known.layers)
    base = name.base + "'" * name.primes
    called = known.with_base(base)
    spend(len(called) // A_STEP)
    found = [q for q in called if remaining(q, name) is not None and name.below is None]
    if len(found) < 2:
        return found

    def likely(quantity: Declared) -> tuple[int, bool, bool]:
        """E beside an E_n is the one without an index, unless an index stands there."""
        labels = len(quantity.sub_labels) + len(quantity.sup_labels) + len(quantity.tail)
        whole = len(remaining(quantity, name) or ()) == len(quantity.tensor.axes)
        return -labels, not fits(known, quantity, name), not whole

    return sorted(found, key=likely)


def with_parameter_below(known: Declarations, name: Name) -> Name | None:
    """The h_θ that a mere h is, and the h_{θ,i} that h_i is: which parameter it has is said once and then left out."""
    called = known.with_base(name.base)
    labels = called[0].sub_labels if len(called) == 1 and not called[0].sup_labels else ()
    if len(labels) != 1 or name.below is not None or name.primes or any(item.single == labels[0] for item in name.subs):
        return None
    if any(known.with_base(item.single or "") and item.single not in known.indices for item in name.subs):
        return None  # g_b beside g_a is the slope by another one
    parameters = {q.base for q in known.quantities if q.tensor.role == "parameter"}
    return replace(name, subs=(Affine.of(labels[0]), *name.subs)) if labels[0] in parameters else None


def fits(known: Declarations, quantity: Declared, name: Name) -> bool:
    """Whether the subscripts name every axis, at most without the sample's: a_n beside another a_{nj}."""
    rest = remaining(quantity, name) or ()
    axes = quantity.tensor.axes
    if quantity.order and len(rest) == len(quantity.order):
        axes = (*(axes[k] for k in quantity.order), *axes[len(quantity.order) :])
    if quantity.sample and len(rest) < len(axes):
        axes = axes[1:]
    if len(rest) != len(axes):
        return False
    letters = [known.indices.get(item.single or "") for item in rest]
    return all(
        letter.index.extent == axis if letter is not None else not item.single
        for item, letter, axis in zip(rest, letters, axes, strict=True)
    )


def remaining(quantity: Declared, name: Name) -> tuple[Script, ...] | None:
    """The subscripts that are not labels, in the order of the axes; None when the labels differ."""
    sups, subs = _without(quantity.sup_labels, name.sups), _without(quantity.sub_labels, name.subs)
    if sups is None or subs is None:
        return None
    if quantity.tail:
        if tuple(map(label, subs[-len(quantity.tail) :])) != quantity.tail:
            return None
        subs = subs[: -len(quantity.tail)]
    return (*sups, *subs) if quantity.above else (*subs, *sups)


def _without(labels: tuple[str, ...], items: tuple[Script, ...]) -> tuple[Script, ...] | None:
    """The scripts behind the labels; the label ``s1`` may be written letter by letter."""
    at = 0
    for wanted in labels:
        written = ""
        while at < len(items) and wanted.startswith(written + label(items[at])) and written != wanted:
            written += label(items[at])
            at += 1
        if written != wanted:
            return None
    return items[at:]


def _script(text: str) -> Script:
    return Affine((), int(text)) if text.isdigit() else Affine.of(text)


def as_scripts(labels: tuple[str, ...]) -> tuple[Script, ...]:
    return tuple(map(_script, labels))


def name_of_tensor(tensor: Tensor, known: Declarations) -> Name:
    """The name under which a quantity was declared."""
    quantity = known.quantity_of(tensor)
    assert quantity is not None
    return Name(quantity.base, as_scripts(quantity.sub_labels), as_scripts(quantity.sup_labels))
