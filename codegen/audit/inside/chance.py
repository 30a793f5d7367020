"""What is drawn at random: the same in every job, and the order of a sample as it is."""

from __future__ import annotations

import random
from typing import Any, ClassVar

import numpy as np


class _InOrder:
    """What draws at random, but leaves the order of a sample as it is: nobody could say after which member it steps."""

    @staticmethod
    def permutation(x: Any, axis: int = 0) -> Any:
        return np.arange(x) if isinstance(x, (int, np.integer)) else np.array(x)

    permuted = permutation

    @staticmethod
    def shuffle(x: Any, *_: Any, **__: Any) -> None:
        return None


class _Generator(_InOrder, np.random.Generator):  # type: ignore[misc]
    pass


class _RandomState(_InOrder, np.random.RandomState):
    made: ClassVar[list[_RandomState]] = []

    def __init__(self, seed: Any = None) -> None:
        super().__init__(0 if seed is None else seed)
        self.start = self.get_state()
        self.made.append(self)


class Chance:
    """Everything that is drawn at random in this process: the same at each job, whatever the file seeds."""

    def __init__(self) -> None:
        self.made: list[tuple[Any, Any]] = []
        self.of_file = 0, 0
        self.default_rng = np.random.default_rng
        np.random.default_rng = self._generator
        np.random.RandomState = _RandomState  # type: ignore[misc]
        np.random.permutation, np.random.shuffle = _InOrder.permutation, _InOrder.shuffle
        random.shuffle = _InOrder.shuffle

    def _generator(self, seed: Any = None) -> Any:
        if isinstance(seed, np.random.Generator):
            return seed
        made = _Generator(self.default_rng(0 if seed is None else seed).bit_generator)
        self.made.append((made.bit_generator, made.bit_generator.state))
        return made

    def again(self) -> None:
        """From the beginning, with what the file made when it was loaded; what a job made is gone with it."""
        np.random.seed(0)
        random.seed(0)
        del self.made[self.of_file[0] :], _RandomState.made[self.of_file[1] :]
        for bits, state in self.made:
            bits.state = state
        for one in _RandomState.made:
            one.set_state(one.start)

    def loaded(self) -> None:
        """What has been made so far is the file's."""
        self.of_file = len(self.made), len(_RandomState.made)
