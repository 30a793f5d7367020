"""A pass that makes another program is refused by its name, and the module is right without it."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from test_program import program_of

from codegen.checking.trial import check_instance
from codegen.compiler import passes
from codegen.compiler.kernels import Map
from codegen.compiler.passes import OPTIONAL, PASSES, REQUIRED, optimise
from codegen.compiler.passes.proving import PassRefused, Proof
from codegen.compiler.program import Program, ProgramError
from codegen.targets.load import load_text
from symbolic.language.expr import neg
from symbolic.network.network import Network

emitting = sys.modules["codegen.targets.numpy.emit"]


def flip_a_sign(program: Program) -> Program:
    """The last derivative, or what it is the product of, with the other sign."""
    kernels = list(program.kernels)
    place = max(k for k, kernel in enumerate(kernels) if isinstance(kernel, Map) and kernel.reads and kernel.indices)
    kernels[place] = replace(kernels[place], expr=neg(kernels[place].expr))
    return program.with_kernels(kernels)


def drop_a_write(program: Program) -> Program:
    return program.with_kernels(program.kernels[:1] + program.kernels[2:])


def swap_two(program: Program) -> Program:
    return program.with_kernels((*program.kernels[-2:], *program.kernels[:-2]))


def overwrite(program: Program) -> Program:
    """An array that is still needed lives in the memory of a later one."""
    arrays = [k for k in program.kernels if k.indices and k.target.name not in program.results]
    pairs = [(a, b) for a in arrays for b in arrays if a is not b and a.target.axes == b.target.axes]
    owner = {k.target.name: program.storage.get(k.target.name, k.target.name) for k in arrays}
    for a, b in pairs:
        if owner[a.target.name] != owner[b.target.name]:
            return replace(program, storage={**program.storage, owner[a.target.name]: owner[b.target.name]})
    raise AssertionError("nothing to share")


def break_down(program: Program) -> Program:
    raise KeyError("nothing")


BREAKS = (flip_a_sign, drop_a_write, swap_two, break_down)


def broken(one, spoil):
    def spoiled(program: Program) -> Program:
        return spoil(one(program))

    spoiled.__name__ = one.__name__
    return spoiled


def with_broken(monkeypatch, name: str, spoil) -> None:
    last = max(place for place, one in enumerate(PASSES) if one.__name__ == name)
    monkeypatch.setattr(passes, "PASSES", (*PASSES[:last], broken(PASSES[last], spoil), *PASSES[last + 1 :]))


@pytest.mark.parametrize("name", OPTIONAL)
@pytest.mark.parametrize("spoil", BREAKS)
def test_a_broken_pass_is_refused_by_name_and_the_program_is_right_without_it(monkeypatch, name, spoil):
    program = program_of("one_hidden_layer")
    with_broken(monkeypatch, name, spoil)
    with pytest.warns(PassRefused) as said:
        made, _ = optimise(program)
    assert {str(warning.message).split("the pass ")[1].split(" is left out: ")[0] for warning in said} == {name}
    assert Proof(program).fault(made) is None


@pytest.mark.parametrize("name", sorted(REQUIRED))
@pytest.mark.parametrize("spoil", BREAKS)
def test_a_broken_pass_that_is_required_ends_emission_by_its_name(monkeypatch, name, spoil):
    with_broken(monkeypatch, name, spoil)
    with pytest.raises(ProgramError, match=f"^pass {name}: "):
        optimise(program_of("one_hidden_layer"))


def test_memory_that_is_still_needed_is_not_given_away(monkeypatch):
    with_broken(monkeypatch, "share_memory", overwrite)
    with pytest.warns(PassRefused, match="the pass share_memory is left out: "):
        made, _ = optimise(program_of("one_hidden_layer"))
    assert not made.storage


@pytest.mark.parametrize("name", ["one_neuron", "mlp_classifier"])
def test_the_module_is_emitted_without_a_broken_pass(monkeypatch, name):
    emitting._emitted.cache_clear()
    with_broken(monkeypatch, "fold_signs", flip_a_sign)
    network = Network.load(name)
    with pytest.warns(PassRefused, match="fold_signs"):
        text = emitting.emit(network)
    emitting._emitted.cache_clear()
    assert check_instance(network, load_text(text, "without"), {}).agrees


@pytest.mark.parametrize("instead", ["multiply(", "not_there("])
def test_a_module_that_computes_something_else_is_kept_back(monkeypatch, instead):
    """The program is right, and its print is not."""
    emitting._emitted.cache_clear()
    render = emitting.render
    monkeypatch.setattr(emitting, "render", lambda *a, **k: render(*a, **k).replace(" subtract(", f" {instead}"))
    with pytest.raises(
        ProgramError, match="one_hidden_layer: the module that was emitted is wrong, so it is kept back"
    ):
        emitting.emit(Network.load("one_hidden_layer"))
