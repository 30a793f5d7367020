"""Looking for points at which both sides of a question have values that can be compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symbolic.evidence.arithmetic import Arithmetic
from symbolic.evidence.question import Question
from symbolic.evidence.sampling import PROFILES, Observation, Profile, draw, observe

#: How often values are drawn again where a side is undefined, at a kink, or not exact.
ATTEMPTS = 20


@dataclass(frozen=True)
class Survey:
    """What turned up while looking for points at which both sides can be compared."""

    found: tuple[tuple[Observation, list[int]], ...] = ()
    #: The profile in which the points were found.
    profile: Profile = "reals"
    tried: int = 0
    #: A point where the right side is undefined and the left is not; and the other way round.
    right_missing: tuple[Observation, int] | None = None
    left_missing: tuple[Observation, int] | None = None
    at_kinks: bool = False

    @property
    def points(self) -> int:
        return sum(len(points) for _, points in self.found)


def survey_of(
    question: Question,
    sizes: dict[str, int],
    arithmetic: Arithmetic,
    wanted: int,
    profile: Profile,
    rng: np.random.Generator,
) -> Survey:
    """Draw until so many points are found; a kink is taken only where nothing else turns up."""
    found: list[tuple[Observation, list[int]]] = []
    kinks: list[tuple[Observation, list[int]]] = []
    missing: dict[str, tuple[Observation, int]] = {}
    tried = spoiled = 0
    points = wanted
    for _ in range(ATTEMPTS):
        seen = observe(question, draw(question, sizes, points, profile, rng), arithmetic)
        tried += points
        defined = ~seen.left_undefined & ~seen.right_undefined
        for name, mask in (("right", seen.right_missing), ("left", seen.left_missing)):
            if mask.any():
                missing.setdefault(name, (seen, int(np.argmax(mask))))
        for kept, mask in ((found, defined & ~seen.kinks & ~seen.lost), (kinks, defined & seen.kinks & ~seen.lost)):
            places = [int(place) for place in np.flatnonzero(mask)]
            if places:
                kept.append((seen, places[: max(0, wanted - sum(len(other) for _, other in kept))]))
        if sum(len(places) for _, places in found) >= wanted:
            break
        spoiled += bool((seen.kinks | seen.lost).any())
        if spoiled >= 5 and not (~defined).any():
            break  # as likely as not it is always so
        points = min(96, 4 * points)
        if (~defined).any() and not found:
            profile = PROFILES[(PROFILES.index(profile) + 1) % len(PROFILES)]
    at_kinks = not found and bool(kinks)
    chosen = tuple((seen, places) for seen, places in (kinks if at_kinks else found) if places)
    return Survey(chosen, profile, tried, missing.get("right"), missing.get("left"), at_kinks)
