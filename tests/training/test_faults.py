"""What a training survives: kill -9, Ctrl-C at any moment, a full disk, a folder that cannot be written."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from codegen.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=60)
    X = rng.normal(size=(60, 4)) + 3 * np.eye(3, 4)[labels]
    path = tmp_path / "data.csv"
    np.savetxt(path, np.c_[X, labels], delimiter=",", header="a,b,c,d,y", comments="")
    return path


def arrays(path):
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=pytest.mark.slow)])
def test_kill_9_at_random_moments_ends_with_the_same_bytes(table, tmp_path, kills, capsys):
    """The same run, killed again and again, and gone on with, ends with every byte of the one that was left alone."""
    rng = np.random.default_rng(kills)
    whole = tmp_path / "whole.npz"
    common = ["mlp_classifier", str(table), "--epochs", "30000", "--optimizer", "momentum", "--clip", "9"]
    command = [sys.executable, "-m", "codegen", "train", *common, "--checkpoint-seconds", "0"]
    out, checkpoint = tmp_path / "w.npz", tmp_path / "w.checkpoint.npz"
    killed = 0
    for _ in range(4 * kills):
        going_on = ["--resume"] if checkpoint.exists() else []
        victim = subprocess.Popen(
            [*command, "-o", str(out), *going_on],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        written = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        while victim.poll() is None and not (checkpoint.exists() and checkpoint.stat().st_mtime_ns != written):
            time.sleep(0.01)
        time.sleep(float(rng.uniform(0, 0.3)))
        victim.kill()
        told = victim.communicate()[1]
        if victim.returncode == 0:
            break
        assert victim.returncode == -signal.SIGKILL, told
        killed += 1
        if killed == kills:
            break
    assert killed
    if not out.exists():
        assert main(["train", *common, "-o", str(out), "--resume"]) == 0
    assert main(["train", *common, "-o", str(whole)]) == 0
    one, other = arrays(out), arrays(whole)
    assert one.keys() == other.keys()
    for name in one:
        assert one[name].tobytes() == other[name].tobytes(), name
    assert sorted(os.listdir(tmp_path)) == ["data.csv", "w.npz", "whole.npz"]


@pytest.mark.parametrize("moment", [1, 40, 120, 200])
@pytest.mark.parametrize("command", ["codegen.__main__", "chainrule.__main__"])
def test_ctrl_c_while_it_is_imported_shows_no_traceback(moment, command):
    program = f"""
        import os, signal, sys

        class Pressed:
            left = {moment}
            def find_spec(self, *_):
                self.left -= 1
                if not self.left:
                    os.kill(os.getpid(), signal.SIGINT)

        signal.signal(signal.SIGINT, signal.default_int_handler)  # behind nohup it is ignored
        import {command} as entry
        sys.meta_path.insert(0, Pressed())
        sys.argv = ["chainrule", "specs"]
        if hasattr(entry, "main"):
            sys.exit(entry.main())
        sys.exit(entry.quietly(entry.command))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode in (-signal.SIGINT, 130), "it was over before Ctrl-C was pressed"
    assert done.stderr == ""


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_full_disk_is_one_line_that_names_the_file_and_leaves_the_old_one(
    table, tmp_path, capsys, monkeypatch, failing
):
    out = tmp_path / "w.npz"
    assert main(["train", "mlp_classifier", str(table), "--epochs", "1", "-o", str(out)]) == 0
    before = out.read_bytes()
    capsys.readouterr()

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, failing, full)
    assert main(["train", "mlp_classifier", str(table), "--epochs", "2", "-o", str(out)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert str(tmp_path / "w.") in told
    assert "No space left" in told
    assert out.read_bytes() == before
    assert [name for name in os.listdir(tmp_path) if name not in ("data.csv", "w.npz")] == []


def test_whatever_is_written_to_a_full_disk_is_named(tmp_path):
    """A limit of the size of files stands for the disk: the write itself fails, which knows of no file."""
    program = f"""
        import resource, signal, sys
        from codegen.cli import main
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        sys.dont_write_bytecode = True
        sys.exit(main(["emit", "one_neuron", "-o", {str(tmp_path / "m.py")!r}]))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, f"chainrule: {tmp_path / 'm.py'}: File too large\n")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_one_line(table, tmp_path, capsys):
    place = tmp_path / "shut"
    place.mkdir(mode=0o500)
    assert main(["train", "mlp_classifier", str(table), "--epochs", "1", "-o", str(place / "w.npz")]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "Permission denied" in told
