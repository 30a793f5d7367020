"""Which of the tests run: every case once, one of each test first, and a seed that draws the others."""

from __future__ import annotations

from choosing import in_rounds, left_out, one_of_each

CASES = [f"a/test_many.py::test_few[{n}]" for n in range(3)] + ["a/test_many.py::test_one"]
CASES += [f"b/test_more.py::test_{name}[{n}]" for n in range(40) for name in ("spec", "text")]
CASES += ["b/test_more.py::test_spec[one_neuron]"]


def rounds(seed: str) -> list[list[str]]:
    return in_rounds(CASES, str, seed)


def test_the_case_of_a_small_network_stands_for_a_test_and_else_its_first() -> None:
    chosen = [case.partition("::test_")[2] for case in one_of_each(CASES, str)]
    assert chosen == ["few[0]", "one", "spec[one_neuron]", "text[0]"]


def test_a_first_round_is_a_quick_run_and_all_rounds_have_each_case_once() -> None:
    assert set(rounds("")[0]) == set(one_of_each(CASES, str))
    assert sorted(case for turn in rounds("") for case in turn) == sorted(CASES)


def test_a_round_has_one_case_of_each_test_that_has_so_many() -> None:
    assert [len(turn) for turn in rounds("")] == [4, 3, 3, *[2] * 37, 1]
    assert all(len(one_of_each(turn, str)) == len(turn) for turn in rounds(""))


def test_a_round_does_not_leave_a_file_to_come_back_to_it() -> None:
    for turn in rounds("seed"):
        files = [case.partition("::")[0] for case in turn]
        assert files == sorted(files) or files == sorted(files, reverse=True)


def test_the_seed_draws_what_comes_second_and_nothing_else_does() -> None:
    assert rounds("one") == rounds("one")
    assert rounds("one")[1] != rounds("other")[1]
    assert {rounds(str(seed))[1][0].partition("/")[0] for seed in range(20)} == {"a", "b"}


def test_time_goes_to_one_case_of_each_long_test_and_then_to_what_is_quick_rather_than_long() -> None:
    long = [case.replace("::test", "::test_long") for case in CASES]
    always, others = left_out(CASES, long, str, "seed")
    assert set(always) == set(one_of_each(long, str))
    assert sorted([*always, *others]) == sorted({*CASES, *long} - set(one_of_each(CASES, str)))
    assert ["long" in case for case in others[:14]] == [False] * 10 + [True] * 3 + [False]
    assert left_out([], [], str, "seed") == ([], [])
