"""Chains that claim nothing: names, ways of writing, constraints, steps of descent, laws that are recalled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from symbolic.derivation.rules import Rule
from symbolic.marking.added import unread
from symbolic.marking.grammar.known_words import TRACES, WORDS
from symbolic.marking.grammar.tree import Call, Deriv, Inner, Name, Norm, Num, Power, Undeclared, logarithm_of, walk
from symbolic.marking.judging import Judging
from symbolic.marking.meaning.naming import candidates
from symbolic.marking.meaning.sides import Read, read_side
from symbolic.marking.model.named_values import comes_from_map
from symbolic.marking.model.premises import sets_value
from symbolic.marking.model.read_off import says_what_a_gradient_is, tells_how_to_read_off
from symbolic.marking.model.text_definitions import called_undeclared, express
from symbolic.marking.model.unknown_functions import leaves_loss_open
from symbolic.marking.model.worded_conventions import states_padding
from symbolic.marking.restated import PIECE, restates
from symbolic.marking.text.chains import Chain, lists_itself
from symbolic.marking.text.collections_named import names_collection
from symbolic.marking.text.densities import states_probability
from symbolic.marking.text.function_words import names_function
from symbolic.marking.text.increments import explains_increments
from symbolic.marking.text.index_sets import described
from symbolic.marking.text.kernel_sums import speaks_by_kernel
from symbolic.marking.text.refusals import ShapeError
from symbolic.marking.text.token_kinds import is_letter
from symbolic.marking.text.tokens import Token
from symbolic.marking.text.words_around import EXPRESSING
from symbolic.marking.variants import VARIANT, varies
from symbolic.words import Text

NAME = Text("a name", "обозначение")
VALUE = Text("a given value", "заданное значение")
CONSTRAINT = Text("a constraint", "ограничение")
UPDATE = Text("a step of descent: it sets, it claims nothing", "шаг спуска: присваивание, а не утверждение")
NOTATION = Text("how the text writes gradients", "так в тексте обозначены градиенты")
ASSUMED = Text("assumed", "предположение")
_NAMING = re.compile(r"(?:where|let|with|denot\w*|writ\w*|put|set|here|где|пусть|обознач\w*)\W*$", re.IGNORECASE)
#: Words before a condition that holds for the next formula alone.
IN_CASE = re.compile(r"\b(?:for|if|when|case|points?|при|если|для|случа\w+|точк\w+)\W*$", re.IGNORECASE)
_CONSTRAINT = re.compile(
    r"(?:subject to|\bs\.\s?t\.|constraint|such that|при услови\w+|при ограничени\w+|ограничени\w+)\W*$", re.IGNORECASE
)


#: ``w^T S w \to \max_w, \qquad w^T w = 1`` and ``\min_x f(x), \quad C x = d``, in one display.
_BESIDE_GOAL = re.compile(
    r"(?:\\(?:to|rightarrow|longrightarrow)\s*\\(?:min|max)(?:_\{[^{}]*\}|_\\?\w+)?"
    r"|(?:\\\[|\$\$|\\begin\{\w+\*?\})\s*\\(?:min|max)(?:_\{[^{}]*\}|_\\?\w+)[^=$]{1,120}?)"
    r"[\s,;.&]*(?:\\(?:quad|qquad|,|;|:|\\)\s*)*\Z"
)
#: What is concluded from a constraint that was said before: ``Inserting this in the constraint, ν = …``.
_FROM_CONSTRAINT = re.compile(
    r"\b(?:from|in(?:to)?|by|via|из|во?)\s+(?:(?:the|this|our|its|это\w*)\s+)?(?:constraint|ограничени\w+)s?\s*[,:]\W*$",
    re.IGNORECASE,
)


def given_at_sight(work: Judging, chain: Chain, number: int) -> Text | None:
    """Why a chain claims nothing, where that is seen before its sides are read; None for any other."""
    if number in work.assumptions:
        return ASSUMED
    if sets_value(work.premises, chain):
        return VALUE
    if tells_how_to_read_off(work.premises.placeholders, chain):
        return NOTATION
    if says_what_a_gradient_is(work.premises.document, chain):
        return NOTATION
    if states_padding(work.premises.document, chain) or explains_increments(chain) or relates_indices(work, chain):
        return NOTATION
    named = states_probability(chain) or names_operator(chain) or names_function(chain) or lists_itself(chain)
    named = named or names_collection(work.premises.document.source, chain)
    named = named or counts_things(work, chain) or names_total(work, chain)
    named = named or comes_from_map(work.premises, chain) or described(chain) is not None
    named = named or leaves_loss_open(work.premises.document, chain) or is_as_a_function(work, chain)
    named = named or is_of_a_flow(work, chain) or is_of_a_dot(chain)
    named = named or speaks_by_kernel(work.premises.kernels, chain)
    return NAME if named else None


def given_as_read(work: Judging, chain: Chain, reads: list[Read], named: bool) -> Text | None:
    """Why a chain claims nothing, where its sides tell; None for any other."""
    if is_constraint(work, chain, reads):
        return CONSTRAINT
    if reparametrised(work, chain, reads) or expressed(work, chain, reads):
        return NAME
    if states_notation(chain, reads):
        return NOTATION
    if explains_sign(work, chain, reads):
        return NOTATION
    if is_constant_feature(work, reads):
        return NAME
    if relates_lengths(work, chain, reads):
        return NAME
    if named:
        return None
    return PIECE if restates(work, chain, reads) else VARIANT if varies(work, chain, reads) else None


def is_as_a_function(work: Judging, chain: Chain) -> bool:
    r"""``p_{iy} = p(y \mid x_i; v)``: values with subscripts as those of a function that nobody takes otherwise."""
    left, *others = ([token.text for token in side.tokens] for side in chain.sides)
    known = work.premises.known
    if not chain.inline or len(others) != 1 or len(others[0]) < 4 or left[1:2] != ["_"] or others[0][1] != "(":
        return False
    if left[0] != others[0][0] or others[0][-1] != ")" or left[0] in (*known.functions, *known.formulas):
        return False
    once = others[0].count("(") == others[0].count(")") == 1
    return once and all(q.subscripted and not q.formals for q in known.with_base(left[0]))


def is_of_a_dot(chain: Chain) -> bool:
    r"""``f(\cdot) = \sum_i \alpha_i k(x_i, \cdot)`` in a sentence: of which form a function is, not what a value is."""
    left = [token.text for token in chain.sides[0].tokens]
    return chain.inline and left[1:] in (["(", r"\cdot", ")"], ["(", r"\bullet", ")"])


def is_of_a_flow(work: Judging, chain: Chain) -> bool:
    r"""``$\dot z = \tanh(Az)$`` beside its steps z_k: what they go along, of which no line says more."""
    left = chain.sides[0].tokens
    moved = re.fullmatch(r"\\ddot\{(.+)\}|\\dot\{(.+)\}", left[0].text) if chain.inline and len(left) == 1 else None
    if moved is None or work.premises.known.with_base(left[0].text):
        return False
    stepped = work.premises.known.with_base(moved[1] or moved[2])
    return bool(stepped) and is_spoken_of_nowhere_else(work, chain, Name(left[0].text))


def relates_indices(work: Judging, chain: Chain) -> bool:
    """``whenever $j = t + k$, i.e. $t = j - k$``: which values of indices belong together."""
    known = work.premises.known
    tokens = [side.tokens for side in chain.sides]
    running = {*known.indices, *known.layers.ranges}
    if not chain.inline or not any(is_letter(token) and token.text in running for token in tokens[0]):
        return False
    counted = {*running, *known.sizes, *known.layers.depths}
    return len(tokens) == 2 and all(
        token.text in counted if is_letter(token) else token.kind == "number" or token.is_sign("+", "-")
        for side in tokens
        for token in side
    )


def counts_things(work: Judging, chain: Chain) -> bool:
    """``where $N = |X|$ is the number of vectors``: what a length counts."""
    left, *others = ([token.text for token in side.tokens] for side in chain.sides)
    sized = len(left) == 1 and left[0] in work.premises.known.sizes
    return chain.inline and sized and [[one[0], one[-1]] for one in others if len(one) == 3] == [["|", "|"]]


def names_total(work: Judging, chain: Chain) -> bool:
    """``Q = Σ ℓ`` over all objects, where the text speaks of a single one: a name that no other line needs."""
    left, *others = ([token.text for token in side.tokens] for side in chain.sides)
    if len(left) != 1 or len(others) != 1 or len(others[0]) != 2 or others[0][0] != r"\sum":
        return False
    lefts = ([token.text for token in other.sides[0].tokens] for other in work.premises.document.chains)
    return others[0][1:] in lefts and is_spoken_of_nowhere_else(work, chain, Name(left[0]))


def relates_lengths(work: Judging, chain: Chain, reads: list[Read]) -> bool:
    """``m = n - k + 1``, where no other line needs the n: how long something else is."""
    problem = reads[1].problem if len(reads) == 2 else None
    if not isinstance(problem, Undeclared) or not is_spoken_of_nowhere_else(work, chain, problem.name):
        return False
    sizes = {*work.premises.known.sizes, problem.name.base}
    letters = [token for side in chain.sides for token in side.tokens if is_letter(token)]
    signs = all(is_letter(t) or t.kind == "number" or t.is_sign("+", "-") for s in chain.sides for t in s.tokens)
    return signs and isinstance(reads[0].node, Name) and all(token.text in sizes for token in letters)


def explains_sign(work: Judging, chain: Chain, reads: list[Read]) -> bool:
    r"""``A : B = \operatorname{tr}(A^T B)``, what a colon means, or ⟨A, B⟩ of what nothing else is said of."""
    if not chain.inline or len(reads) != 2 or all(read.meanings for read in reads) or isinstance(reads[0].node, Name):
        return False
    left, right = (read.node for read in reads)
    if isinstance(left, Call) and isinstance(right, Call) and {left.function.base, right.function.base} <= {*TRACES}:
        return left.arguments == right.arguments  # a colon is read as that trace
    letters, named = letters_in(chain), {*work.premises.known.names}
    others = [found for other in work.premises.document.chains if other is not chain and (found := letters_in(other))]
    about = [other for other in others if other & named]  # ‖A‖² = ⟨A, A⟩ beside ⟨A, B⟩ = tr(AᵀB) is a law as well
    law = not letters & named and isinstance(reads[0].node, Inner | Norm | Power)
    return (len(letters) > 1 or law) and not any(letters & other for other in (about if law else others))


def is_constant_feature(work: Judging, reads: list[Read]) -> bool:
    """``x_0 = 1`` of vectors x of which no entry stands in the text: what a θ_0 is multiplied with."""
    left, right = (read.node for read in reads) if len(reads) == 2 else (None, None)
    if not isinstance(left, Name) or right != Num(Fraction(1)) or [item.number for item in left.subs] != [0]:
        return False
    vectors = candidates(work.premises.known, Name(left.base))[:1]
    return not reads[0].meanings and any(q.tensor.role == "input" and q.tensor.axes for q in vectors)


def letters_in(chain: Chain) -> set[str]:
    """The names that stand in a chain."""
    sides = [[token for token in side.tokens if token.text not in "{}"] for side in chain.sides]
    tokens = (token for side in sides for k, token in enumerate(side) if not names_norm(side, k))
    return {token.text for token in tokens if is_letter(token) and token.text not in WORDS and token.text != "T"}


def names_norm(tokens: Sequence[Token], at: int) -> bool:
    r"""Whether a letter says which norm it is: the F of ``\|A\|_F``."""
    return at > 1 and tokens[at - 1].is_sign("_") and not is_letter(tokens[at - 2]) and tokens[at].text in ("F", "p")


def states_notation(chain: Chain, reads: list[Read]) -> bool:
    """``dW = ∂J/∂W`` of a W that stands for all of them: how the text writes gradients."""
    if len(reads) != 2 or not unread(reads[1]) or not isinstance(reads[1].node, Deriv):
        return False
    by = reads[1].node.by
    text = "".join(token.text for token in chain.sides[0].tokens)
    return isinstance(by, Name) and isinstance(reads[1].node.of, Name) and text == f"d{by.base}" and by.bare


def is_undeclared(work: Judging, chain: Chain) -> bool:
    """Whether a chain begins with a mere name that nobody declared."""
    first = read_side(chain.sides[0], work.premises.known)
    return isinstance(first.problem, Undeclared) and isinstance(first.node, Name) and first.problem.name == first.node


def reparametrised(work: Judging, chain: Chain, reads: list[Read]) -> bool:
    """``where $s = \\log σ^2$`` of a variable s: it says what σ is, which the model does not need."""
    if len(reads) != 2 or not isinstance(reads[1].problem, Undeclared) or not isinstance(reads[0].node, Name):
        return False
    given = any(not q.defined for q in candidates(work.premises.known, reads[0].node)[:1])
    before = work.premises.document.near(chain.sides[0].span).rstrip("$\\([ ")
    datum = given and candidates(work.premises.known, reads[0].node)[0].tensor.role == "input"
    aside = chain.inline and (datum or is_spoken_of_nowhere_else(work, chain, reads[1].problem.name))
    return (given and _NAMING.search(before[-24:]) is not None) or aside


def is_spoken_of_nowhere_else(work: Judging, chain: Chain, name: Name) -> bool:
    r"""The σ of ``the log-variance $s = \log σ^2$``: what no other line needs."""
    others = (side for other in work.premises.document.chains if other is not chain for side in other.sides)
    return not any(token.text == name.base for side in others for token in side.tokens)


def is_constraint(work: Judging, chain: Chain, reads: list[Read]) -> bool:
    r"""``subject to $\sum_k \pi_k = 1$``: what is asked of a solution, and true of no π that is drawn."""
    document, start = work.premises.document, chain.sides[0].span[0]
    if isinstance(reads[0].node, Name) and _FROM_CONSTRAINT.search(document.source[max(start - 80, 0) : start]):
        return False
    if _CONSTRAINT.search(document.before(chain.sides[0].span)[-40:]):
        return True
    return not chain.inline and _BESIDE_GOAL.search(document.near(chain.sides[0].span)) is not None


def expressed(work: Judging, chain: Chain, reads: list[Read]) -> bool:
    """``Parametrise π_k = …`` of a variable π: from here on it is made of others."""
    before = work.premises.document.before(chain.sides[0].span)[-40:]
    if len(reads) != 2 or not reads[0].meanings or not reads[1].meanings or not EXPRESSING.search(before):
        return False
    return express(work.premises, reads[0].meanings[0].value, reads[1].meanings[0])


def names_operator(chain: Chain) -> bool:
    r"""``\partial_k = \partial / \partial x_k``: a way of writing, without anything that it is taken of."""
    words = [token.text for token in chain.sides[0].tokens]
    inside = [word for word in words[2:] if word not in "{}"]
    return words[:2] in (["\\partial", "_"], ["\\nabla", "_"]) and len(inside) == 1


def defines_for_nothing(work: Judging, chain: Chain, reads: list[Read], number: int) -> bool:
    """``p(t | x) = N(t | y)``: nobody knows N, and no other line speaks of p."""
    if len(reads) != 2 or any(read.meanings or read.blank for read in reads) or chain.sides[1].problem is not None:
        return False
    named = called_undeclared(work.premises, chain.sides[0])
    called = logarithm_of(named) or named
    if not isinstance(called, Call) or isinstance(reads[1].problem, ShapeError):
        return False
    others = (c for at, c in enumerate(work.premises.document.chains, 1) if at != number)
    return not any(token.text == called.function.base for c in others for side in c.sides for token in side.tokens)


UNREAD_EXAMPLE = Text(
    "an example whose numbers are said in words, which are not read",
    "пример, числа которого сказаны словами: они не читаются",
)
#: An example with a list of numbers in its sentence: ``for example, with residuals $0.5, -3$ one finds``.
_NUMBERS_LISTED = re.compile(
    r"(?:example|e\.\s?g\.|for instance|numerically|например|численно)(?:(?!\n\s*\n).)*"
    r"\$\s*-?\d[\d.]*\s*(?:,[\\,;\s]*-?\d[\d.]*\s*)+\$(?:(?!\n\s*\n).)*$",
    re.IGNORECASE | re.DOTALL,
)


def is_example_in_words(work: Judging, chain: Chain, left: Read, right: Read) -> bool:
    """Whether numbers stand for a formula at values that a sentence lists and nothing here knows."""
    numbers = right.node is not None and not any(isinstance(node, Name) for node in walk(right.node))
    letters = left.node is not None and any(isinstance(node, Name) for node in walk(left.node))
    said = _NUMBERS_LISTED.search(work.premises.document.before(chain.sides[0].span)[-300:])
    return numbers and letters and said is not None


def announced(work: Judging, law: Rule, chain: Chain) -> bool:
    """Whether the words just before a law name it, and so say that it is about any letters."""
    before = work.premises.document.near(chain.sides[0].span).replace("\\[", "").replace("$$", "").rstrip()
    return before.lower().endswith((f"{law.name.en}:".lower(), f"{law.name.ru}:".lower()))
