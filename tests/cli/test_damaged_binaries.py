"""Three hundred damaged files of five kinds: each is refused in one line, or gives what the whole file gives."""

from __future__ import annotations

import gzip
import random
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from test_strangers import damaged

from codegen.cli import main
from codegen.targets.load import load
from codegen.training.weights import load_safetensors, save_safetensors
from symbolic.network.network import Network

X = np.linspace(-1.0, 1.0, 24).reshape(8, 3)
TABLE = "a,b,c,y\n" + "".join(f"{a!r},{b!r},{c!r},{int(a > 0)}\n" for a, b, c in X.tolist())
OBJECTIVE = load(Network.load("one_neuron")).Objective(d=3)


def packed_twice(content: bytes, dice: random.Random) -> bytes:
    """The content with its damage inside: where a zip keeps its sums right, they tell nothing."""
    return gzip.compress(damaged(gzip.decompress(content), dice), mtime=0)


def repacked(path: Path, dice: random.Random) -> None:
    """A zip whose parts are damaged, and whose checksums are right all the same."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    victim = dice.choice(sorted(parts))
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, damaged(content, dice) if name == victim else content)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder with a good file of each kind."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "data.csv").write_text(TABLE)
    (folder / "data.csv.gz").write_bytes(gzip.compress(TABLE.encode(), mtime=0))
    np.savez(folder / "data.npz", X=X, Y=(X[:, 0] > 0).astype(float))
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    pandas.DataFrame({**dict(zip("abc", X.T, strict=True)), "y": X[:, 0]}).to_parquet(folder / "data.parquet")
    pytest.importorskip("safetensors")
    save_safetensors(folder / "w.safetensors", OBJECTIVE, np.arange(4.0))
    assert main(["train", "one_neuron", str(folder / "data.csv"), "--epochs", "1", "-o", str(folder / "w.npz")]) == 0
    return folder


def refused_in_one_line(status: int, err: str) -> bool:
    return status == 2 and err.startswith("chainrule: ") and err.count("\n") == 1 and "fault of chainrule" not in err


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(60))
def test_damaged_files_are_refused_in_one_line_or_right(whole, tmp_path, capsys, seed):
    dice = random.Random(seed)
    for path in whole.iterdir():
        shutil.copy(path, tmp_path)
    names = ("w.npz", "data.npz", "data.parquet", "data.csv.gz", "w.safetensors")
    for name in names:
        path = tmp_path / name
        if name.endswith(".npz") and seed % 2:
            repacked(path, dice)
        elif name.endswith(".gz") and seed % 2:
            path.write_bytes(packed_twice(path.read_bytes(), dice))
        else:
            path.write_bytes(damaged(path.read_bytes(), dice))
    for argv in (
        ["predict", "w.npz", "data.csv"],
        *(["train", "one_neuron", name, "--epochs", "1", "-o", f"{name}.out.npz"] for name in names[1:4]),
    ):
        status = main([str(tmp_path / word) if "." in word else word for word in argv])
        err = capsys.readouterr().err
        assert status == 0 or refused_in_one_line(status, err), (argv, err)
    assert "\n" not in _read_weights(tmp_path / "w.safetensors")


def _read_weights(path: Path) -> str:
    """The refusal, or nothing where the numbers are those that were written."""
    try:
        np.testing.assert_array_equal(load_safetensors(path, OBJECTIVE), np.arange(4.0))
    except ValueError as refused:
        return str(refused)
    return ""
