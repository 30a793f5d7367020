"""The stages of the search for a repair, the likeliest slips first: a table of makers of edits.

A maker gets the scene and yields edited lines.  Which stage an edit stands in decides what a line is said to
suffer from where several edits would mend it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import TypeAlias

from symbolic.marking.diagnosis import edits
from symbolic.marking.diagnosis.candidates import (
    bias_terms,
    by_the_variable,
    complemented,
    complements,
    constant_factors,
    halved_slopes,
    lost_divisors,
    lost_terms,
    missing_terms,
    near_names,
    other_arguments,
    other_derivatives,
    other_names,
    other_pieces,
    other_slopes,
    outer_factors,
    own_factors,
    slope_calls,
    transposed_matrices,
    twin_paths,
)
from symbolic.marking.diagnosis.edits import Edit
from symbolic.marking.diagnosis.lost_differentials import differentials_lost, holds_differential, product_rule_terms
from symbolic.marking.diagnosis.scene import Scene
from symbolic.marking.diagnosis.shifted_layers import shifted_layers
from symbolic.marking.diagnosis.slope_pairs import slopes_lost, slopes_of_another, slopes_too_many
from symbolic.marking.grammar.tree import Name, Neg, Num

Maker: TypeAlias = Callable[[Scene], Iterable[Edit]]
ZERO = Num(Fraction(0))


def identity(scene: Scene) -> Iterable[Edit]:
    return edits.insertions(scene.tree, (Name("I"),)) if scene.is_matrix else ()


def matrices(scene: Scene) -> Iterator[Edit]:
    yield from edits.hadamards(scene.tree)
    yield from edits.transposes(scene.tree)


def twin_terms(scene: Scene) -> Iterable[Edit]:
    return edits.terms(scene.tree, tuple(edits.twins(scene.tree))) if scene.is_matrix or scene.holds_matrices else ()


def identity_terms(scene: Scene) -> Iterable[Edit]:
    """The identity of what depends on x directly too: y = x + f(x)."""
    return edits.terms(scene.tree, (("missing_term", Name("I")),)) if scene.is_matrix else ()


def lost_outer_factors(scene: Scene) -> Iterable[Edit]:
    """A lost factor in front or behind, where the shapes show that one is missing: the xᵀ of δ xᵀ."""
    return edits.outer(scene.tree, outer_factors(scene))


def symbols(scene: Scene) -> Iterator[Edit]:
    yield from edits.replacements(scene.tree, other_names(scene))
    yield from other_slopes(scene)


def misplaced_slopes(scene: Scene) -> Iterable[Edit]:
    """ρ′(x) for ρ′(z): a function of one plain quantity, which is the wrong one."""
    plain = (found for found in other_arguments(scene) if isinstance(found[1].children[0], Name))
    return edits.replacements(scene.tree, plain)


def derivatives_lost(scene: Scene) -> Iterable[Edit]:
    return edits.insertions(scene.tree, scene.derivatives_seen())


def scaled_differentials(scene: Scene) -> Iterable[Edit]:
    """A wrong number comes before a lost term: d(X ⊙ X) is 2 X ⊙ dX."""
    before = scene.case.before.node
    differential = before is not None and holds_differential(before)
    return edits.numbers(scene.tree, scene.known.sizes, scene.numbers_seen()) if differential else ()


def where_shapes_do_not_fit(maker: Maker) -> Maker:
    """The maker, for lines whose shapes do not fit."""
    return lambda scene: maker(scene) if scene.misfit else ()


#: For a name that was given to the wrong thing: few and likely slips, as each is tried on other lines.
IN_NAMES: tuple[tuple[Maker, ...], ...] = (
    (matrices,),
    (lambda s: edits.signs(s.tree),),
    (lambda s: edits.insertions(s.tree, s.pool.slopes), complements, slope_calls),
    (lambda s: edits.replacements(s.tree, near_names(s)), shifted_layers),
    (lambda s: edits.turned_indices(s.tree),),
    (lambda s: edits.removals(s.tree), lambda s: edits.indices(s.tree, s.pool.letters)),
    (lambda s: edits.numbers(s.tree, s.known.sizes, s.numbers_seen()), lambda s: edits.powers(s.tree)),
)
#: Tried from the top.  The makers of a row are equals: the edit of the lowest rank among them wins.
STAGES: tuple[tuple[Maker, ...], ...] = (
    (complemented,),
    (identity,),
    (differentials_lost,),
    (scaled_differentials,),
    (product_rule_terms,),
    (where_shapes_do_not_fit(shifted_layers),),
    (where_shapes_do_not_fit(by_the_variable),),
    (where_shapes_do_not_fit(derivatives_lost),),
    (where_shapes_do_not_fit(matrices),),
    (where_shapes_do_not_fit(lost_outer_factors),),
    (where_shapes_do_not_fit(misplaced_slopes),),
    (where_shapes_do_not_fit(symbols),),
    (lambda s: edits.signs(s.tree),),
    (lambda s: edits.powers(s.tree),),
    (identity_terms,),
    (lost_terms, lambda s: edits.terms(s.tree, twin_paths(s))),
    (shifted_layers,),
    (lambda s: edits.replacements(s.tree, near_names(s)), by_the_variable),
    (lambda s: edits.turned_indices(s.tree),),
    (lambda s: edits.insertions(s.tree, s.pool.slopes), complements, halved_slopes, slopes_of_another, slopes_lost),
    (slopes_too_many,),
    (
        lambda s: edits.sums(s.tree, s.pool.letters, s.sample_letter),
        lambda s: edits.conditions(s.tree, (*s.pool.arguments, ZERO, *s.pool.names)),
    ),
    (
        lambda s: edits.numbers(s.tree, s.known.sizes, s.numbers_seen()),
        lambda s: edits.insertions(s.tree, constant_factors(s)),
        lambda s: edits.indices(s.tree, s.pool.letters),
        lambda s: edits.removals(s.tree),
        lambda s: edits.powers(s.tree),
        lambda s: edits.quotients(s.tree),
    ),
    (matrices,),
    (lambda s: edits.terms(s.tree, bias_terms(s)), twin_terms),
    (
        lambda s: edits.deltas(s.tree, s.pool.letters[:6]),
        slope_calls,
        lambda s: edits.replacements(s.tree, other_arguments(s)),
    ),
    (derivatives_lost,),
    (symbols,),
    (lambda s: edits.insertions(s.tree, (*lost_divisors(s), *own_factors(s))),),
    (lambda s: edits.replacements(s.tree, other_pieces(s)),),
    (lambda s: edits.terms(s.tree, missing_terms(s)),),
    (
        lambda s: edits.insertions(s.tree, (*s.pool.derivatives, *s.pool.names)),
        lambda s: edits.replacements(s.tree, other_derivatives(s)),
        lambda s: edits.indicators(s.tree, s.pool.arguments[:8]),
        lambda s: edits.leading(s.tree, (*transposed_matrices(s), *own_factors(s))),
    ),
    (lambda s: edits.indicators(s.tree, s.pool.arguments),),
    (
        lambda s: edits.terms(
            s.tree, (("missing_term", term) for name in s.pool.names[:24] for term in (Neg(name), name))
        ),
        lambda s: edits.inner_terms(s.tree, s.pool.names[:24]),
    ),
)
