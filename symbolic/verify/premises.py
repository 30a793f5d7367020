"""What a person adds to the model on the way: definitions, letters that stand for any number, conditions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from symbolic.expr import Compare, Expr, Tensor, mul
from symbolic.terms import tensors
from symbolic.verify.chains import Chain, is_condition, unbracketed
from symbolic.verify.declared import Declarations, Declared
from symbolic.verify.elaborate import elaborate
from symbolic.verify.grammar import Parser
from symbolic.verify.header import Model, defined
from symbolic.verify.naming import Words, candidates
from symbolic.verify.points import Points
from symbolic.verify.reader import Document
from symbolic.verify.sides import parse_side, read_side
from symbolic.verify.syntax import (
    Call,
    Name,
    NotUnderstood,
    Relation,
    walk,
)
from symbolic.verify.tokens import Token
from symbolic.verify.typeset import typeset
from symbolic.verify.value import Value

#: An expression that is 1 where a claim is made and 0 elsewhere, and how the person wrote it.
Conditions = tuple[Expr, str] | None


@dataclass
class Premises:
    """The model as it grows while a document is read."""

    model: Model
    document: Document
    points: Points = field(init=False)

    @property
    def known(self) -> Declarations:
        return self.model.declarations

    def declare_arguments(self, chain: Chain) -> None:
        """``σ'(u) = …`` with a letter that nobody declared: u is any number."""
        try:
            goal = parse_side(chain.sides[0], self.known)[0]
        except NotUnderstood:
            return
        fresh = {
            node.arguments[0]
            for node in walk(goal)
            if isinstance(node, Call) and len(node.arguments) == 1 and node.function.base in self.known.functions
        }
        for letter in sorted((n for n in fresh if isinstance(n, Name)), key=typeset):
            taken = self.known.with_base(letter.base) or letter.base in (*self.known.sizes, *self.known.functions)
            if letter.bare and not letter.primes and not taken:  # an index of that letter is another thing
                any_number = Declared(letter.base, (), (), Tensor(letter.base, (), "input"), 0, (), latex=letter.base)
                known = replace(self.known, quantities=(*self.known.quantities, any_number))
                self.model = replace(self.model, declarations=known)
                self.points = Points(self.model)

    def local_definition(self, chain: Chain) -> bool:
        """``δ_i = p_i - y_i`` with a δ that nobody declared: a definition from here on."""
        side = chain.sides[0]
        if side.problem is not None:
            return False
        first = read_side(side, self.known)
        node = first.node
        if node is None and first.problem is not None:
            try:
                node = parse_side(side, self.known)[0]
            except NotUnderstood:
                return False
        name = node.function if isinstance(node, Call) else node
        if not isinstance(name, Name) or first.meanings or name.below is not None:
            return False
        fitting = candidates(self.known, name)
        if any(q.body is not None or not q.defined for q in fitting) or (fitting and not name.subs):
            return False  # what the model declares is not defined anew; a δ_j beside an own δ_k is another one
        if name.base in self.known.functions or name.base in self.known.sizes:
            return False
        value = read_side(chain.sides[1], self.known)
        for meaning in value.meanings:
            try:
                declared, definition = defined(self.known, name, meaning.value, (), None, typeset(name))
            except ValueError:
                continue
            definitions = (*self.known.definitions, *meaning.auxiliary, definition)
            declarations = replace(self.known, quantities=(*self.known.quantities, declared), definitions=definitions)
            self.model = replace(self.model, declarations=declarations)
            self.points = Points(self.model)
            return True
        return False

    def condition(self, tokens: tuple[Token, ...]) -> Expr | None:
        """``k ≠ l`` or ``a_j > 0`` as 1 or 0; None when it is no such condition, or never holds."""
        if not is_condition(tokens):
            return None
        try:
            node = Parser(list(unbracketed(tokens)), Words(self.known)).condition()
            value = self.indicator(node) if isinstance(node, Relation) else None
        except NotUnderstood:
            return None
        if value is None or value.axes:
            return None
        numbers = self.points.values(value.expr, ())
        return value.expr if numbers is not None and any(array.any() for array in numbers) else None

    def indicator(self, node: Relation) -> Value:
        """The condition as 1 or 0; ``y_i = 1`` only where y takes single values."""
        if node.sign != "=" or not isinstance(node.left, Name) or self.known.indices.get(node.left.base):
            return elaborate(node, self.known).value
        left, right = elaborate(node.left, self.known).value, elaborate(node.right, self.known).value
        if not any(t in self.model.domains for t in tensors(left.expr)) or left.axes or right.axes:
            raise NotUnderstood("no condition on something that takes single values", node.span)
        return Value(mul(Compare(">=", left.expr, right.expr), Compare(">=", right.expr, left.expr)))

    def conditions(self, written: tuple[tuple[Token, ...], ...]) -> Conditions:
        """The product of all conditions that can be read, with their text."""
        found = [(expr, tokens) for tokens in written if (expr := self.condition(tokens)) is not None]
        if not found:
            return None
        said = ", ".join(f"${self.document.text((t[0].span[0], t[-1].span[1]))}$" for _, t in found)
        return mul(*(expr for expr, _ in found)), said
