"""The mutants of the product are Python, differ in one line, and are the same for one seed."""

from __future__ import annotations

import ast

import product_mutants


def test_mutants_are_python_that_differs_in_one_line(tmp_path):
    for mutant in product_mutants.drawn(8, seed=1):
        text = mutant.file.read_text(encoding="utf-8")
        goal = tmp_path / mutant.file.relative_to(product_mutants.ROOT)
        goal.parent.mkdir(parents=True, exist_ok=True)
        goal.write_text(text, encoding="utf-8")
        mutant.written(tmp_path)
        changed = goal.read_text(encoding="utf-8")
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(text)), mutant
        differing = [k for k, (a, b) in enumerate(zip(text.split("\n"), changed.split("\n"), strict=True), 1) if a != b]
        assert differing == [mutant.line]


def test_a_seed_draws_the_same_mutants():
    assert product_mutants.drawn(5, seed=3) == product_mutants.drawn(5, seed=3)
