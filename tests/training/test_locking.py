"""Two runs do not write to one file, and a run that died holds nobody off."""

from __future__ import annotations

import fcntl
import os

import pytest
from flowers import classifier

from codegen.training import run as training
from codegen.training.locking import alone


def test_a_lock_that_its_holder_has_just_removed_holds_nobody_off_and_nobody_in(tmp_path, monkeypatch):
    goal, lock, flock = tmp_path / "w.npz", tmp_path / ".w.npz.lock", fcntl.flock
    removed: list[object] = []

    def late(file, how):
        if not removed:
            removed.append(lock.unlink())
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with alone(goal):
        assert lock.exists(), "the lock that is held is the one that the next run will see"
        with pytest.raises(ValueError, match="another run is writing there"), alone(goal):
            pass
    assert not lock.exists()


def test_the_second_run_to_one_file_says_so_and_the_lock_of_a_dead_one_is_none(table, tmp_path):
    out = tmp_path / "w.npz"
    (tmp_path / ".w.npz.lock").touch()

    def meanwhile(_):
        with pytest.raises(ValueError, match=r"w\.npz: another run is writing there"):
            training.train(classifier, table, sizes={}, output=out, epochs=1)

    training.train(classifier, table, sizes={}, output=out, epochs=1, watch=meanwhile)
    assert sorted(os.listdir(tmp_path)) == ["flowers.csv", "w.npz"]
