"""Derivations past the gradient: the Hessian-vector product, the Hessian, the Jacobian of the outputs."""

from __future__ import annotations

from symbolic.derivation.adjoint import indices_of
from symbolic.derivation.chain import jacobian as jacobian_lines
from symbolic.derivation.derive import MOST_PATHS, named_functions, parameter_of, slope_derivation
from symbolic.derivation.each import input_derivation, per_sample_derivation
from symbolic.derivation.expanded import hessian as hessian_lines
from symbolic.derivation.record import Derivation
from symbolic.derivation.tangent import hessian_vector_derivation
from symbolic.errors import SpecError
from symbolic.language.affine import Index, subscript
from symbolic.language.expr import Entry, Tensor
from symbolic.language.terms import fresh_index
from symbolic.network.budget import paths
from symbolic.network.coarse import coarse
from symbolic.network.network import Described, Network
from symbolic.network.objective import Objective
from symbolic.words import Text


def hessian_vector_product(network: Described, wrt: str | None = None) -> Derivation:
    """R{∂Q/∂wrt} = Σ_w (∂²Q/∂wrt ∂w) v_w, for a direction v (Bishop, PRML, §5.4.6)."""
    objective = Network.of(network).objective
    return hessian_vector_derivation(objective, parameter_of(objective, wrt))


def hessian(network: Described, wrt: str | None = None, and_wrt: str | None = None) -> Derivation:
    """∂²Q/∂wrt ∂and_wrt (None: the same parameter) in expanded form; meant for small networks."""
    network = Network.of(network)
    _refuse_many_paths(network)
    objective = network.objective
    first, second = parameter_of(objective, wrt), parameter_of(objective, and_wrt or wrt)
    by = _indices(first, objective, ())
    again = _indices(second, objective, by)
    goal, steps = hessian_lines(objective, _entry(first, by), _entry(second, again))
    name = f"{first.name}, {second.name}"
    known = objective.definitions
    lemmas = tuple(slope_derivation(f, network.name) for f in named_functions(objective))
    return Derivation(network.name, name, "hessian", goal, steps, coarse(known), lemmas, known)


def hessian_diagonal(network: Described, wrt: str | None = None) -> Derivation:
    """∂²Q/∂w² for each entry w of a parameter, exactly (Bishop, PRML, §5.4.1), in expanded form."""
    network = Network.of(network)
    _refuse_many_paths(network)
    objective = network.objective
    parameter = parameter_of(objective, wrt)
    entry = _entry(parameter, _indices(parameter, objective, ()))
    goal, steps = hessian_lines(objective, entry, entry)
    known = objective.definitions
    lemmas = tuple(slope_derivation(f, network.name) for f in named_functions(objective))
    return Derivation(network.name, parameter.name, "hessian", goal, steps, coarse(known), lemmas, known)


def _refuse_many_paths(network: Network) -> None:
    """A Hessian has a term for each pair of paths, and is written out here."""
    if (found := paths(network)) > MOST_PATHS:
        raise SpecError(
            Text(
                f"{network.name}: {found} paths lead from its inputs to the output, and a Hessian written out is for "
                f"{MOST_PATHS}; take its product with a vector (hessian-vector), which names each value once",
                f"{network.name}: от входов к выходу ведут пути, их {found}, а гессиан выписывается, если их не больше "
                f"{MOST_PATHS}; возьмите его произведение на вектор (hessian-vector), где каждая величина названа один "
                "раз",
            )
        )


def per_sample_gradient(network: Described, wrt: str | None = None) -> Derivation:
    """∂L_i/∂wrt: every sample is given weights of its own, and the error of those is its gradient."""
    objective = Network.of(network).objective
    return per_sample_derivation(objective, parameter_of(objective, wrt))


def gradient_by(network: Described, wrt: str | None = None) -> Derivation:
    """∂Q/∂x for an input (None: the first), the error that a layer below would be given."""
    return input_derivation(Network.of(network).objective, wrt)


def jacobian(network: Described, wrt: str | None = None) -> Derivation:
    """∂p/∂x: every output by every component of one input (None: the first) of the same object.

    ``SpecError`` when the network has no such input.
    """
    network = Network.of(network)
    objective = network.objective
    names = [tensor.name for tensor in objective.inputs]
    if wrt is not None and wrt not in names:
        raise SpecError(
            Text(
                f"wrt: {wrt!r} is no input of {network.name!r}, which has {', '.join(names)}",
                f"wrt: {wrt!r} — не вход сети {network.name!r}; её входы: {', '.join(names)}",
            )
        )
    by = objective.inputs[names.index(wrt) if wrt else 0]
    output = objective.definition(objective.output)
    inner: list[Index] = [objective.sample]
    for extent in by.axes[1:]:
        inner.append(fresh_index(Index("d", extent), (*output.indices, *inner), ("e", "f", "g")))
    goal, steps = jacobian_lines(objective, output.entry, _entry(by, tuple(inner)))
    known = objective.definitions
    lemmas = tuple(slope_derivation(f, network.name) for f in named_functions(objective))
    return Derivation(network.name, by.name, "jacobian", goal, steps, coarse(known), lemmas, known)


def _indices(tensor: Tensor, objective: Objective, taken: tuple[Index, ...]) -> tuple[Index, ...]:
    own = indices_of(tensor, objective.definitions)
    chosen: list[Index] = []
    for index in own:
        chosen.append(fresh_index(index, (*taken, *chosen)))
    return tuple(chosen)


def _entry(tensor: Tensor, indices: tuple[Index, ...]) -> Entry:
    return Entry(tensor, tuple(subscript(i) for i in indices))
