"""``chainrule train``: real data in, weights out; what is interrupted goes on; what cannot be used is refused."""

from __future__ import annotations

import bz2
import fcntl
import gzip
import io
import lzma
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from codegen import load
from codegen.cli import main
from codegen.training import progress
from codegen.training import run as training
from codegen.training.data import Columns, Wanted, read
from codegen.training.locking import alone
from codegen.training.widths import CLASS_VALUES
from symbolic.errors import MissingExtra, SpecError
from symbolic.network.network import Network

ROOT = Path(__file__).parents[2]
classifier = Network.load("mlp_classifier")
CLASSES = ("setosa", "versicolor", "virginica")


def flowers(N=60, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=N)
    return np.round(rng.normal(size=(N, 4)) + 4 * np.eye(3, 4)[labels], 3), labels


@pytest.fixture
def table(tmp_path):
    X, labels = flowers()
    rows = [",".join([*map(str, x), CLASSES[k]]) for x, k in zip(X, labels, strict=True)]
    path = tmp_path / "flowers.csv"
    path.write_text("a,b,c,d,species\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def run(capsys):
    def call(*arguments):
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def one_line(text):
    return text.startswith("chainrule: ") and text.count("\n") == 1 and text.endswith("\n")


# -- reading ---------------------------------------------------------------------------------------------


def test_names_of_classes_become_numbers_in_their_order(table):
    data = read(table, training.columns(classifier, {}))
    X, labels = flowers()
    np.testing.assert_array_equal(data.X, X)
    np.testing.assert_array_equal(data.Y, labels)
    assert data.classes == CLASSES


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".npz"])
@pytest.mark.parametrize("target", ["numbers", "one hot"])
def test_all_kinds_of_files_hold_the_same_data(tmp_path, suffix, target):
    X, labels = flowers()
    Y = labels[:, None].astype(float) if target == "numbers" else np.eye(3)[labels]
    path = tmp_path / f"data{suffix}"
    names = [f"c{k}" for k in range(4 + Y.shape[1])]
    if suffix == ".npz":
        np.savez(path, X=X, Y=Y)
    elif suffix == ".csv":
        np.savetxt(path, np.c_[X, Y], delimiter=",", header=",".join(names), comments="", fmt="%.17g")
    else:
        pa = pytest.importorskip("pyarrow")
        columns = dict(zip(names, np.c_[X, Y].T, strict=True))
        pytest.importorskip("pyarrow.parquet").write_table(pa.table(columns), path)
    data = read(path, training.columns(classifier, {}))
    np.testing.assert_array_equal(data.X, X)
    np.testing.assert_array_equal(data.Y, labels if target == "numbers" else Y)
    assert training.widths_of(classifier, data.X, data.Y) == {"D": 4, "K": 3}


def test_two_named_classes_are_what_the_loss_calls_them(tmp_path):
    path = tmp_path / "two.csv"
    path.write_text("a,b\n1,no\n2,yes\n3,no\n")
    for fact, expected in (("binary", [0, 1, 0]), ("sign", [-1, 1, -1])):
        columns = Columns({"x": None}, 1, classes=True, values=CLASS_VALUES[fact])
        np.testing.assert_array_equal(read(path, columns).Y, expected)


@pytest.mark.parametrize("label", [-1.0, 3.0, 0.5])
def test_a_label_that_is_no_class_is_named_with_its_file_and_sample(tmp_path, label):
    X, labels = flowers()
    labels = labels.astype(float)
    labels[7] = label
    np.savez(tmp_path / "data.npz", X=X, Y=labels)
    np.savetxt(tmp_path / "data.csv", np.c_[X, labels], delimiter=",", header="a,b,c,d,y", comments="", fmt="%.17g")
    for place in ("data.npz, sample 8", "data.csv, line 9"):
        name = place.partition(",")[0]
        with pytest.raises(SpecError, match=rf"{place}: {label:g} is no class; classes are numbered from 0 to 2"):
            read(tmp_path / name, training.columns(classifier, {"K": 3}))


def written(path, *lines):
    path.write_text("\n".join(lines) + "\n")
    return path


CSV = {
    "no header, classes": (
        ("5.1,3.5,setosa", "4.9,3.0,virginica"),
        "line 1: the number 5.1 where the header should be",
    ),
    "no header, numbers": (("5.1,3.5,0", "4.9,3.0,1"), "line 1: the number 5.1 where the header should be"),
    "commas and points": (
        ("a;b;y", "1,5;2;0", "2;3.5;1"),
        "line 2: 1,5 has a decimal comma, but 3.5 in line 3 a point",
    ),
    "a missing value": (("a,b,y", "1,2,0", ",3,1"), "line 3, column 'a': nothing there"),
    "gaps of many kinds": (
        ("a,b,y", "1,2,0", "2,NA,1", "n/a,1,1", "4, ,0"),
        "line 3, column 'b': nothing there but 'NA'; a finite number is needed; 3 of 4 rows have such gaps",
    ),
    "a date": (("a;b;y", "1;2;0", "2024-05-01;3;1"), "line 3, column 'a': '2024-05-01' is a date or a time"),
    "a date of Russia": (("a;b;y", "1;2;0", "01.05.2024 10:30;3;1"), "'01.05.2024 10:30' is a date or a time"),
    "a date behind quotes of two lines": (
        ('"a\nb",b,y', "1,2,0", '"\n\n2",2,1', "2024/5/1,3,1"),
        r"line 7, column 'a\nb': '2024/5/1' is a date",
    ),
    "spaces between thousands": (("a;b;y", "1;2;0", "1 234,5;3;1"), "its thousands; write 1234,5"),
    "a unit": (("a;b;y", "1;2;0", "12 kg;3;1"), "line 3, column 'a': '12 kg' is a number and more; write the number"),
    "a percentage": (("a;b;y", "1;2;0", "12%;3;1"), "'12%' is a number and more"),
    "words": (
        ("a,b,y", "1,red,0", "2,blue,1"),
        "line 2, column 'b': 'red' is not a finite number; where words are kinds",
    ),
    "a decimal comma in quotes": (
        ("a,b,y", '"1,5",2,0'),
        "'1,5' has a decimal comma, but commas stand between columns",
    ),
    "too many values": (("a,b,y", "1,2,0", "1,2,3,4"), "line 3: 4 values, but the header, line 1, names 3 columns"),
    "a title": (("# made today", "a,b,y", "1,2,0"), "line 2: 3 values, but the header, line 1, names 1 columns"),
    "points between thousands": (("a;b;y", "1;2;0", "1.234,5;3;1"), "its thousands; write 1234,5"),
    "commas between thousands": (("a,b,y", '"1,234,567.5",3,1'), "its thousands; write 1234567.5"),
    "a month by name": (("a,b,y", '"Jan 5, 2024",3,1'), "'Jan 5, 2024' is a date or a time"),
    "a month in Russian": (("a,b,y", "5 января 2024,3,1"), "is a date or a time"),
    "half past noon": (("a,b,y", "12:30 PM,3,1"), "is a date or a time"),
    "words with a number": (("a,b,y", "sunny 3,3,1"), "'sunny 3' is not a finite number; where words are kinds"),
    "a thousand letters": (("a,b,y", f"{'x' * 1000},3,1"), f"column 'a': '{'x' * 40}…' is not"),
    "two bytes a letter": (("a\0,\0y\0", "1\0,\0002\0"), "a zero byte in the first line"),
    "two of one name": (("a,a,y", "1,2,0", "2,3,1"), "'a' names two columns"),
    "an underscore": (("a,b,y", "1_000,2,0"), "'1_000' is not a finite number"),
    "a gap": (("a,b,y", "1,2,0", "2,3,1", "3,4,7"), "no sample is of classes 2, 3, 4, 5, 6, but one is of class 7"),
    "classes from 1 with a gap": (("a,b,y", "1,2,1", "2,3,2", "3,4,4"), "no sample is of classes 0, 3, but one is of"),
}


@pytest.mark.parametrize("mistake", CSV)
def test_a_table_that_would_be_misread_is_refused(tmp_path, mistake):
    lines, expected = CSV[mistake]
    with pytest.raises(SpecError) as caught:
        read(written(tmp_path / "d.csv", *lines), training.columns(classifier, {}))
    assert expected in str(caught.value)


@pytest.mark.parametrize("separator", [" ", "   "])
def test_blanks_stand_between_columns_where_nothing_else_does(tmp_path, separator):
    lines = [separator.join(row) for row in (("a", "b", "y"), ("", "1,5", "2", "0", ""), ('"2"', "3,5", "1"))]
    data = read(written(tmp_path / "d.csv", *lines), training.columns(classifier, {}))
    np.testing.assert_array_equal(data.X, [[1.5, 2], [2, 3.5]])
    words = read(written(tmp_path / "e.csv", "income in euros", "1", "2"), Columns({"x": 1}, 0))
    assert words.names == ("income in euros",), "one column may have a name of several words"


def test_truths_are_numbers_in_text_as_in_parquet(tmp_path):
    data = read(written(tmp_path / "d.csv", "a,b,y", "True,\u22122,1", "false,3,0"), Columns({"x": 2}, 1))
    np.testing.assert_array_equal(data.X, [[1, -2], [0, 3]])


@pytest.mark.parametrize("numbers", [(0, 1, 2), (1, 2, 3), (12, 7, 950)])
def test_a_column_without_a_name_that_tells_rows_apart_is_no_input(tmp_path, run, numbers):
    rows = [f"{number},{k % 2}.5,{k},{k % 2},," for k, number in enumerate(numbers)]
    path = written(tmp_path / "d.csv", ",a,b,y,,", *rows)
    data = read(path, Columns({"x": 2}, 1))
    assert (data.names, data.index) == (("a", "b"), True)
    status, out, _ = run("train", "one_neuron", path, "--epochs", "1", "-o", tmp_path / "w.npz")
    assert status == 0
    assert "has no name and tells the rows apart" in out
    assert "the column 'b' counts the rows: --ignore 'b'" in out
    other = read(written(tmp_path / "e.csv", ",b,y", "1,2,0", "1,3,1"), Columns({"x": 2}, 1))
    assert not other.index, "what repeats is an input, named or not"


@pytest.mark.parametrize(
    ("values", "outputs", "numbers", "names", "expected"),
    [
        ((), None, (2, 1, 3), ("1", "2", "3"), (1, 0, 2)),
        ((), 3, (2, 1, 3), ("1", "2", "3"), (1, 0, 2)),
        ((), 4, (2, 1, 3), (), (2, 1, 3)),
        ((), None, (9, 10, 11), ("9", "10", "11"), (0, 1, 2)),
        ((0.0, 1.0), 1, (1, 2, 1), ("1", "2"), (0, 1, 0)),
        ((0.0, 1.0), 1, (-1, 1, 1), ("-1", "1"), (0, 1, 1)),
        ((-1.0, 1.0), 1, (0, 1, 1), ("0", "1"), (-1, 1, 1)),
        ((0.0, 1.0), 1, (0, 0.25, 1), (), (0, 0.25, 1)),
        ((0.0, 1.0), 1, (1, 1, 1), (), (1, 1, 1)),
    ],
)
def test_classes_are_numbered_from_any_number_on(tmp_path, values, outputs, numbers, names, expected):
    columns = Columns({"x": 1}, outputs, classes=True, values=values)
    np.savez(tmp_path / "d.npz", X=np.arange(len(numbers))[:, None] / 2, Y=np.array(numbers))
    path = written(tmp_path / "d.csv", "a,y", *(f"{k / 2},{number}" for k, number in enumerate(numbers)))
    for data in (read(path, columns), read(tmp_path / "d.npz", columns)):
        assert (data.classes, tuple(data.Y)) == (names, expected)


def test_rows_with_gaps_are_dropped_on_request_and_counted(run, tmp_path):
    path = written(
        tmp_path / "d.csv", "id,a,b,kind", "1,1,2,x", "2,,1,y", "3,4,NA,x", "4,2,1,y", "5,1,1,", "6,3,1,none"
    )
    wanted = Wanted(("kind",), ("id",), "drop")
    data = read(path, training.columns(classifier, {}), wanted)
    np.testing.assert_array_equal(data.X, [[1, 2], [2, 1], [3, 1]])
    assert (data.classes, data.names, data.dropped) == (("none", "x", "y"), ("a", "b"), 3)
    command = (
        "train",
        "mlp_classifier",
        path,
        "--ignore",
        "id",
        "--size",
        "H=2",
        "--epochs",
        "1",
        "-o",
        tmp_path / "w.npz",
    )
    status, out, err = run(*command, "--missing", "drop")
    assert (status, err) == (0, "")
    assert f"3 rows of {path} were left out" in out
    status, _, err = run("predict", tmp_path / "w.npz", path)
    assert status == 2
    assert one_line(err)
    assert "--missing" not in err, "predict drops no row"
    with pytest.raises(SpecError, match="something is missing in every row"):
        read(
            written(tmp_path / "e.csv", "a,b,y", ",1,2", "1,,2"),
            training.columns(classifier, {}),
            Wanted(missing="drop"),
        )


def test_gaps_of_a_parquet_file_are_dropped_on_request(tmp_path):
    pandas = pytest.importorskip("pandas")
    pandas.DataFrame({"a": [1.0, None, 3], "y": [0.0, 1, 1]}).to_parquet(tmp_path / "d.parquet")
    data = read(tmp_path / "d.parquet", Columns({"x": 1}, 1), Wanted(missing="drop"))
    assert (np.asarray(data.X).tolist(), data.dropped) == ([[1.0], [3.0]], 1)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251", "koi8-r"])
def test_tables_are_read_in_what_they_are_written_in(tmp_path, encoding):
    path = tmp_path / "d.csv"
    path.write_bytes("sep=;\r\nдлина;вид\r\n1,5;лён\r\n2,5;рожь\r\n".encode(encoding))
    known = "" if encoding.startswith("utf") else encoding
    if known:
        with pytest.raises(SpecError, match="such as --encoding cp1251"):
            read(path, training.columns(classifier, {}))
    data = read(path, training.columns(classifier, {}), Wanted(encoding=known))
    assert (data.classes, data.names, np.asarray(data.X).tolist()) == (("лён", "рожь"), ("длина",), [[1.5], [2.5]])
    with pytest.raises(SpecError, match="no such encoding"):
        read(path, training.columns(classifier, {}), Wanted(encoding="cp9999"))


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
def test_a_packed_table_that_is_damaged_is_one_line(tmp_path, suffix, pack):
    whole = pack(b"a,y\n" + b"1,0\n2,1\n" * 50)
    path = tmp_path / f"d.csv{suffix}"
    path.write_bytes(whole)
    assert len(read(path, training.columns(classifier, {})).Y) == 100
    for content in (whole[:-9], whole[:20], b"", b"a,y\n1,0\n", whole[:30] + b"\0" * 8 + whole[38:]):
        path.write_bytes(content)
        with pytest.raises(SpecError) as caught:
            read(path, training.columns(classifier, {}))
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(ignore=("a", "b", "y")), "no column is left"),
        (Wanted(ignore=("z",)), "has no column 'z' for --ignore"),
        (Wanted(("y",), ("y",)), "this is the target"),
    ],
)
def test_columns_that_cannot_be_taken_are_one_line(tmp_path, wanted, said):
    with pytest.raises(SpecError, match=said):
        read(written(tmp_path / "d.csv", "a,b,y", "1,2,0"), training.columns(classifier, {}), wanted)


@pytest.mark.parametrize("wanted", [Wanted(ignore=("a",)), Wanted(missing="drop"), Wanted(encoding="cp1251")])
def test_what_is_for_tables_is_refused_for_arrays(tmp_path, wanted):
    np.savez(tmp_path / "d.npz", X=np.zeros((2, 2)), Y=np.zeros(2))
    with pytest.raises(SpecError, match=r"--(ignore|missing|encoding) is for tables"):
        read(tmp_path / "d.npz", training.columns(classifier, {}), wanted)


@pytest.mark.parametrize(
    ("name", "separator", "comma"),
    [("d.csv", ";", True), ("d.tsv", "\t", False), ("d.csv", "|", False), ("d.tsv", "\t", True), ("d.tsv", ";", True)],
)
def test_separators_decimal_commas_quotes_and_packed_files_are_read(tmp_path, name, separator, comma):
    rows = [('"one; name"', "b", "kind"), ("1.5", "-2e3", '"a, b"'), ("0.25", "3", "c")]
    text = "\r\n".join(separator.join(row) for row in rows) + "\r\n\r\n"
    text = text.replace(".", ",") if comma else text
    (tmp_path / name).write_text(text)
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    for file in (name, f"{name}.gz"):
        data = read(tmp_path / file, training.columns(classifier, {}))
        np.testing.assert_array_equal(data.X, [[1.5, -2000], [0.25, 3]])
        assert data.classes == ("a, b", "c")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(text.encode())[:-9])
    with pytest.raises(SpecError, match="not the whole of one"):
        read(tmp_path / "cut.csv.gz", training.columns(classifier, {}))


def test_a_target_is_found_by_its_name_wherever_it_stands(tmp_path):
    pandas = pytest.importorskip("pandas")
    path = written(tmp_path / "d.csv", "kind,a,b", "yes,1,2", "no,3,4")
    pandas.read_csv(path).to_parquet(tmp_path / "d.parquet")
    for file in (path, tmp_path / "d.parquet"):
        data = read(file, training.columns(classifier, {}), Wanted(("kind",)))
        np.testing.assert_array_equal(data.X, [[1, 2], [3, 4]])
        assert (data.classes, data.Y.tolist(), data.names, data.target) == (
            ("no", "yes"),
            [1, 0],
            ("a", "b"),
            ("kind",),
        )
    with pytest.raises(SpecError, match="no column 'sort' for --target; its columns are kind, a, b"):
        read(path, training.columns(classifier, {}), Wanted(("sort",)))


def test_several_columns_may_be_the_target(tmp_path):
    labels = Network.from_dict(
        {
            "loss": "log_loss",
            "inputs": {"x": "D"},
            "nodes": {"p": {"inputs": ["x"], "width": "K", "activation": "sigmoid"}},
        }
    )
    path = written(tmp_path / "d.csv", "one,a,two,b", "0,1.5,1,2", "1,3,1,4")
    data = read(path, training.columns(labels, {}), Wanted(("one", "two")))
    np.testing.assert_array_equal(data.X, [[1.5, 2], [3, 4]])
    np.testing.assert_array_equal(data.Y, [[0, 1], [1, 1]])
    assert training.train(labels, path, sizes={}, wanted=Wanted(("one", "two")), epochs=2).sizes == {"D": 2, "K": 2}


def test_an_array_that_unpacks_to_too_much_is_refused_and_one_that_nobody_uses_is_not_read(tmp_path):
    X, labels = flowers()
    np.savez_compressed(tmp_path / "d.npz", X=X, Y=labels, rest=np.zeros(10**6))
    size = X.nbytes + labels.nbytes
    assert len(read(tmp_path / "d.npz", training.columns(classifier, {}), Wanted(limit=size + 1000)).Y) == 60
    with pytest.raises(SpecError, match=r"unpacks to \d+ bytes, more than 1000; --limit \d+ allows it"):
        read(tmp_path / "d.npz", training.columns(classifier, {}), Wanted(limit=1000))


def test_a_class_without_samples_is_right_when_the_number_of_classes_is_given(tmp_path):
    data = read(written(tmp_path / "d.csv", "a,b,y", "1,2,0", "2,3,1", "3,4,3"), training.columns(classifier, {"K": 5}))
    assert data.Y.tolist() == [0, 1, 3]


def test_a_target_of_an_npz_file_may_hold_names_of_classes(tmp_path):
    X, labels = flowers()
    np.savez(tmp_path / "d.npz", X=X, Y=np.array(CLASSES)[labels])
    data = read(tmp_path / "d.npz", training.columns(classifier, {}))
    np.testing.assert_array_equal(data.Y, labels)
    assert data.classes == CLASSES


def test_arrays_of_unequal_lengths_are_named(tmp_path):
    X, labels = flowers()
    np.savez(tmp_path / "d.npz", X=X, Y=labels[:-1])
    with pytest.raises(SpecError, match="X has 60 samples, but Y has 59"):
        read(tmp_path / "d.npz", training.columns(classifier, {}))


@pytest.mark.parametrize("index", ["without a name", "named"])
def test_an_index_of_pandas_is_no_column(tmp_path, index):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    X, labels = flowers()
    frame = pandas.DataFrame(X, columns=list("abcd")).assign(species=np.array(CLASSES)[labels])
    frame.index = pandas.Index(np.arange(60) * 2 + 1, name="number" if index == "named" else None)
    frame.to_parquet(tmp_path / "d.parquet", index=True)
    data = read(tmp_path / "d.parquet", training.columns(classifier, {}))
    np.testing.assert_array_equal(data.X, X)
    np.testing.assert_array_equal(data.Y, labels)


PARQUET = {
    "null": ([1.0, None], "row 2", "'a'"),
    "nan": ([1.0, float("nan")], "row 2", "'a'"),
    "text": (["x", "y"], "'a'", "string"),
}


@pytest.mark.parametrize("mistake", PARQUET)
def test_a_parquet_column_that_cannot_be_used_is_named(tmp_path, mistake):
    pa = pytest.importorskip("pyarrow")
    values, *parts = PARQUET[mistake]
    pytest.importorskip("pyarrow.parquet").write_table(pa.table({"a": values, "y": [1.0, 2.0]}), tmp_path / "d.parquet")
    with pytest.raises(SpecError) as caught:
        read(tmp_path / "d.parquet", Columns({"x": 1}, 1))
    assert all(part in str(caught.value) for part in parts)


def test_a_file_that_is_not_parquet_is_refused(tmp_path):
    pytest.importorskip("pyarrow")
    (tmp_path / "d.parquet").write_text("nothing of the kind")
    with pytest.raises(SpecError, match="not a Parquet file"):
        read(tmp_path / "d.parquet", Columns({"x": 1}, 1))


def test_a_missing_extra_is_one_line_that_says_what_to_install(tmp_path, monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr("codegen.training.tables.import_module", missing)
    monkeypatch.setattr("codegen.training.curve.import_module", missing)
    with pytest.raises(MissingExtra, match=r"pip install 'chainrule\[parquet\]'"):
        read(tmp_path / "d.parquet", Columns({"x": 1}, 1))
    with pytest.raises(MissingExtra, match=r"pip install 'chainrule\[plot\]'"):
        training.train(classifier, tmp_path / "d.csv", sizes={}, plot=tmp_path / "p.png")


# -- training --------------------------------------------------------------------------------------------


def test_a_table_of_classes_trains_from_the_command_line(run, table, tmp_path):
    pytest.importorskip("matplotlib")
    out, plot = tmp_path / "w.npz", tmp_path / "q.png"
    settings = ("--epochs", 60, "--learning-rate", 0.02)
    status, text, err = run("train", "mlp_classifier", table, *settings, "-o", out, "--plot", plot)
    assert (status, err) == (0, "")
    assert "classes: 0 = setosa, 1 = versicolor, 2 = virginica" in text
    assert float(text.split("%")[0].split()[-1]) > 90
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert sorted(os.listdir(tmp_path)) == ["flowers.csv", "q.png", "w.npz"]
    assert load(classifier).Trainer.load(out).epoch_ == 60


def test_every_setting_reaches_the_trainer(run, table, tmp_path):
    options = {
        "--optimizer": "momentum", "--schedule": "step", "--setting": "every=7", "--clip": 2.5, "--initializer": "he",
        "--frozen": "b_z", "--class-weight": "balanced", "--validation-fraction": 0.2, "--patience": 4, "--seed": 5,
        "--dtype": "float32", "--epochs": 3, "--batch-size": 9, "--learning-rate": 0.01,
    }  # fmt: skip
    flat = [part for option in options.items() for part in option]
    assert run("train", "mlp_classifier", table, *flat, "-o", tmp_path / "w.npz")[0] == 0
    trainer = load(classifier).Trainer.load(tmp_path / "w.npz")
    assert trainer._settings() == {
        "optimizer": "momentum", "schedule": "step", "settings": {"every": 7.0}, "clip": 2.5, "initializer": "he",
        "frozen": ("b_z",), "class_weight": "balanced", "validation_fraction": 0.2, "patience": 4, "seed": 5,
        "dtype": "float32", "standardize": False, "standardize_target": False,
        "warm_up": 0, "monitor": "loss", "verbose": False, "epochs": 3,
        "tol": None, "batch_size": 9, "learning_rate": 0.01,
    }  # fmt: skip


def weights(path):
    with np.load(path) as file:
        return file["w"]


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_and_ends_bit_for_bit_the_same(table, tmp_path):
    out, checkpoint = tmp_path / "w.npz", tmp_path / "w.checkpoint.npz"
    settings = ["--epochs", "1500", "--schedule", "cosine", "--validation-fraction", "0.2", "--patience", "2000"]
    command = [sys.executable, "-m", "codegen", "train", "mlp_classifier", str(table), "-o", str(out), *settings]
    victim = subprocess.Popen([*command, "--checkpoint-seconds", "0"], cwd=ROOT, stdout=subprocess.DEVNULL)
    for _ in range(2000):
        if checkpoint.exists() or victim.poll() is not None:
            break
        time.sleep(0.005)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    assert not out.exists(), "it was too quick to be killed"
    assert 0 < load(classifier).Trainer.load(checkpoint).epoch_ < 1500
    (tmp_path / f".{checkpoint.name}.draft").write_text("half of a checkpoint, as a killed run may leave it")
    done = subprocess.run([*command, "--resume"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert sorted(os.listdir(tmp_path)) == ["flowers.csv", "w.npz"]
    whole = tmp_path / "whole.npz"
    assert main([*command[3:6], "-o", str(whole), *settings]) == 0
    np.testing.assert_array_equal(weights(out), weights(whole))
    one, other = (load(classifier).Trainer.load(path).history_ for path in (out, whole))
    assert one == other


def test_ctrl_c_saves_and_says_how_to_go_on(run, table, tmp_path, monkeypatch):
    out, before = tmp_path / "w.npz", signal.getsignal(signal.SIGINT)

    def press(trainer):
        if trainer.epoch_ == 4:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(progress, "state", lambda trainer: "")
    options = {"sizes": {}, "output": out, "epochs": 9}
    with pytest.raises(training.Interrupted, match="epoch 4 of 9; the same command with --resume"):
        training.train(classifier, table, **options, watch=press)
    assert not out.exists()
    status, _, err = run("train", "mlp_classifier", table, "--epochs", 9, "-o", out)
    assert status == 2
    assert "w.checkpoint.npz holds a run that was broken off" in err, "the work is not overwritten"
    training.train(classifier, table, **options, resume=True)
    training.train(classifier, table, **{**options, "output": tmp_path / "whole.npz"})
    np.testing.assert_array_equal(weights(out), weights(tmp_path / "whole.npz"))
    assert signal.getsignal(signal.SIGINT) is before


def test_a_resumed_run_may_be_longer_but_not_another_one(table, tmp_path):
    out = tmp_path / "w.npz"
    options = {"sizes": {}, "output": out}

    def press(_):
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(training.Interrupted):
        training.train(classifier, table, **options, epochs=3, watch=press)
    with pytest.raises(ValueError, match="begun with optimizer = 'adam', not 'sgd'"):
        training.train(classifier, table, **options, resume=True, optimizer="sgd")
    with pytest.raises(ValueError, match="after epoch 1 already, so --epochs cannot be 0"):
        training.train(classifier, table, **options, resume=True, epochs=0)
    with pytest.raises(ValueError, match="sizes"):
        training.train(classifier, table, sizes={"H": 9}, output=out, resume=True)
    training.train(classifier, table, **options, resume=True, epochs=5)
    assert load(classifier).Trainer.load(out).epoch_ == 5


def test_a_diverging_run_is_one_line_and_leaves_the_last_good_weights(run, tmp_path):
    network = tmp_path / "line.toml"
    network.write_text('loss = "squared"\n[inputs]\nx = 1\n[nodes.p]\ninputs = ["x"]\nwidth = 1\n')
    (tmp_path / "data.csv").write_text("x,y\n" + "".join(f"{k},{k}\n" for k in range(9)))
    out = tmp_path / "w.npz"
    settings = ("--optimizer", "gradient_descent", "--learning-rate", 10, "--epochs", 999)
    status, _, err = run("train", network, tmp_path / "data.csv", *settings, "-o", out)
    assert status == 2
    assert one_line(err)
    assert "at step" in err
    assert "saved in" in err
    assert np.isfinite(weights(out)).all()


@pytest.fixture
def line(tmp_path):
    """A straight line to be learned: a spec and data."""
    spec, data = tmp_path / "line.toml", tmp_path / "data.csv"
    spec.write_text('loss = "squared"\n[inputs]\nx = 1\n[nodes.p]\ninputs = ["x"]\nwidth = 1\n')
    data.write_text("x,y\n" + "".join(f"{k},{k}\n" for k in range(9)))
    return spec, data


DIVERGING = ("--optimizer", "gradient_descent", "--epochs", 999, "--checkpoint-seconds", 0)


@pytest.mark.slow
def test_a_diverged_run_leaves_no_checkpoint_and_a_lower_rate_begins_at_once(run, line, tmp_path):
    out = tmp_path / "w.npz"
    assert run("train", *line, *DIVERGING, "--learning-rate", 10, "-o", out)[0] == 2
    assert not (tmp_path / "w.checkpoint.npz").exists()
    status, _, err = run("train", *line, *DIVERGING, "--learning-rate", 1e-4, "-o", out)
    assert (status, err) == (0, "")


@pytest.mark.parametrize("bad", [np.nan, 1e200])
def test_a_checkpoint_whose_q_is_not_finite_is_refused_and_good_weights_stay(run, line, tmp_path, bad):
    out, checkpoint = tmp_path / "w.npz", tmp_path / "w.checkpoint.npz"
    assert run("train", *line, "--epochs", 2, "-o", out)[0] == 0
    good = out.read_bytes()
    trainer = load(Network.load(line[0])).Trainer.load(out)
    trainer.w_[...] = trainer._w[...] = bad
    trainer.save(checkpoint)
    status, _, err = run("train", *line, "-o", out, "--resume")
    assert status == 2
    assert one_line(err)
    assert "finite" in err
    assert out.read_bytes() == good


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_a_checkpoint_stays_as_it_was_once_q_is_not_finite(line, tmp_path, bad):
    checkpoint = tmp_path / "w.checkpoint.npz"
    trainer = load(Network.load(line[0])).Trainer(epochs=1).fit(np.ones((3, 1)), np.ones(3))
    training._Keeper(checkpoint, 0.0, None, lambda w: 1.0).save(trainer)
    before = checkpoint.read_bytes()
    trainer.w_[...] = 3.0
    training._Keeper(checkpoint, 0.0, None, lambda w: bad).save(trainer)
    assert checkpoint.read_bytes() == before
    training._Keeper(checkpoint, 0.0, None, lambda w: 1.0).save(trainer)
    assert checkpoint.read_bytes() != before


@pytest.mark.parametrize("umask", [0o022, 0o027])
def test_weights_are_written_with_the_permissions_of_any_file(run, line, tmp_path, umask):
    new, old = tmp_path / "new.npz", tmp_path / "old.npz"
    old.touch()
    old.chmod(0o640)
    before = os.umask(umask)
    try:
        for out in (new, old):
            assert run("train", *line, "--epochs", 1, "-o", out)[0] == 0
    finally:
        os.umask(before)
    assert new.stat().st_mode & 0o777 == 0o666 & ~umask
    assert old.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("mistake", ["the data", "a link to the data", "the spec", "one picture", "a device"])
def test_nothing_that_is_read_is_written_over(run, line, tmp_path, mistake):
    pytest.importorskip("matplotlib")
    spec, data = line
    (tmp_path / "link.npz").symlink_to(data)
    (tmp_path / "d").mkdir()
    places = {
        "the data": ("-o", tmp_path / "d" / ".." / "data.csv"),
        "a link to the data": ("-o", tmp_path / "link.npz"),
        "the spec": ("-o", spec),
        "one picture": ("-o", tmp_path / "z.png", "--plot", tmp_path / "d" / ".." / "z.png"),
        "a device": ("-o", os.devnull),
    }
    before = spec.read_bytes(), data.read_bytes(), sorted(os.listdir(tmp_path))
    status, out, err = run("train", spec, data, "--epochs", 1, *places[mistake])
    assert (status, out) == (2, "")
    assert one_line(err)
    assert "file" in err
    assert (spec.read_bytes(), data.read_bytes(), sorted(os.listdir(tmp_path))) == before


BAD = {
    "an unknown optimizer": ("--optimizer", "adan"),
    "batch size 0": ("--batch-size", "0"),
    "an unknown setting": ("--setting", "gamma=1"),
    "a setting without a number": ("--setting", "beta_1"),
    "a share of all": ("--validation-fraction", "1"),
    "too few classes": ("--size", "K=2"),
    "a parameter that is none": ("--frozen", "b_y"),
    "weights of no kind": ("--class-weight", "heavy"),
    "nothing to resume": ("--resume",),
    "a picture of no kind": ("--plot", "curve.xyz"),
}


@pytest.mark.parametrize("mistake", BAD)
def test_a_mistake_is_one_line_and_nothing_is_written(run, table, tmp_path, mistake):
    status, out, err = run("train", "mlp_classifier", table, "-o", tmp_path / "new" / "w.npz", *BAD[mistake])
    assert (status, out) == (2, "")
    assert one_line(err), err
    assert os.listdir(tmp_path) == ["flowers.csv"]


@pytest.mark.parametrize("kind", ["cut short", "of another spec"])
def test_a_checkpoint_that_cannot_be_used_is_left_alone(run, table, tmp_path, kind):
    checkpoint = tmp_path / "w.checkpoint.npz"
    module = load(classifier if kind == "cut short" else Network.load("one_neuron"))
    trainer = module.Trainer(epochs=0)
    trainer.fit(*module.random_sample(trainer.objective, 5, np.random.default_rng(0)))
    trainer.save(checkpoint)
    if kind == "cut short":
        checkpoint.write_bytes(checkpoint.read_bytes()[:300])
    before = checkpoint.read_bytes()
    status, _, err = run("train", "mlp_classifier", table, "-o", tmp_path / "w.npz", "--resume")
    assert status == 2
    assert one_line(err)
    assert checkpoint.read_bytes() == before


def test_the_bar_shows_epoch_loss_and_rate_on_a_terminal_only(table):
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, width=100)
    with progress.bar(console) as watch:
        training.train(classifier, table, sizes={}, epochs=3, watch=watch)
    assert "3/3" in terminal.getvalue()
    assert "rate 0.005" in terminal.getvalue()
    silent = io.StringIO()
    with progress.bar(Console(file=silent)) as watch:
        training.train(classifier, table, sizes={}, epochs=1, watch=watch)
    assert silent.getvalue().strip() == ""


# -- what comes after ------------------------------------------------------------------------------------


@pytest.fixture
def fitted(run, table, tmp_path):
    """A trained classifier of flowers, with a share kept apart, standardised."""
    out = tmp_path / "w.npz"
    options = ("--standardize", "--validation-fraction", 0.2, "--epochs", 40, "--learning-rate", 0.02)
    status, text, err = run("train", "mlp_classifier", table, *options, "-o", out)
    assert (status, err) == (0, "")
    return out, text


def test_predictions_need_nothing_but_the_file_of_weights(run, fitted, table, tmp_path):
    out, text = fitted
    assert "of the samples kept apart are classified correctly" in text
    X, labels = flowers()
    trainer = load(classifier).Trainer.load(out)
    shuffled = written(tmp_path / "new.csv", "d,c,b,a", *(",".join(map(str, row[::-1])) for row in X))
    for data in (table, shuffled):
        status, shown, err = run("predict", out, data)
        assert (status, err) == (0, "")
        rows = [line.split(",") for line in shown.splitlines()]
        assert rows[0] == ["class", "p_setosa", "p_versicolor", "p_virginica"]
        np.testing.assert_array_equal(np.array([row[1:] for row in rows[1:]], float), trainer.predict(X))
        assert np.mean([row[0] == CLASSES[k] for row, k in zip(rows[1:], labels, strict=True)]) > 0.9
    assert run("predict", out, table, "-o", tmp_path / "p.csv")[0] == 0
    assert (tmp_path / "p.csv").read_text() == shown
    assert run("predict", out, table, "--spec", "mlp_classifier", "-o", tmp_path / "p.npz")[0] == 0
    with np.load(tmp_path / "p.npz") as file:
        np.testing.assert_array_equal(file["p"], trainer.predict(X))
        assert file["classes"].tolist() == [row[0] for row in rows[1:]]


@pytest.mark.parametrize(
    "mistake", ["a column is missing", "over the data", "another spec", "no weights", "too few columns"]
)
def test_a_mistake_in_predict_is_one_line(run, fitted, table, tmp_path, mistake):
    out, _ = fitted
    narrow = written(tmp_path / "n.csv", "a,b,c", "1,2,3")
    call, part = {
        "a column is missing": ((out, narrow), "no column 'd'"),
        "over the data": ((out, table, "-o", table), "the data are in this file"),
        "another spec": ((out, table, "--spec", "one_neuron"), "holds weights of mlp_classifier"),
        "no weights": ((table, table), "no file that Trainer.save wrote"),
        "too few columns": ((out, table, "-o", tmp_path / "p.txt"), ".csv or .npz"),
    }[mistake]
    before = table.read_bytes()
    status, shown, err = run("predict", *call)
    assert (status, shown) == (2, "")
    assert one_line(err)
    assert part in err
    assert table.read_bytes() == before


def test_standardised_weights_do_not_depend_on_the_units_of_the_inputs(tmp_path):
    X, labels = flowers()
    ends = []
    for units in (1.0, np.array([1000.0, 1e-3, 7.0, 1.0])):
        trainer = (
            load(classifier).Trainer(standardize=True, epochs=5, validation_fraction=0.2).fit(X * units + 3, labels)
        )
        trainer.save(tmp_path / "w.npz")
        again = load(classifier).Trainer.load(tmp_path / "w.npz")
        np.testing.assert_array_equal(again.predict(X * units + 3), trainer.predict(X * units + 3))
        assert again.score(X * units + 3, labels) == trainer.score(X * units + 3, labels)
        ends.append(trainer.w_)
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-6, atol=1e-9)


def test_weights_are_never_thrown_away_and_never_written_over_unasked(run, table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("mlp_classifier.weights.npz", "mlp_classifier.weights-2.npz"):
        status, text, _ = run("train", "mlp_classifier", table, "--epochs", 1)
        assert status == 0
        assert text.splitlines()[-1] == name
        assert (tmp_path / name).exists()


def test_inputs_of_unequal_size_and_a_run_that_is_not_done_are_told(run, tmp_path):
    X, labels = flowers()
    path = written(
        tmp_path / "d.csv",
        "a,b,c,d,y",
        *(f"{a},{1000 * b},{c},{d},{k}" for (a, b, c, d), k in zip(X, labels, strict=True)),
    )
    _, text, _ = run("train", "mlp_classifier", path, "--epochs", 2, "--tol", 1e-9, "-o", tmp_path / "w.npz")
    assert "--standardize" in text
    assert "--epochs 4 goes further" in text
    _, text, _ = run("train", "mlp_classifier", path, "--epochs", 2, "--standardize", "-o", tmp_path / "w.npz")
    assert "--standardize" not in text


def test_a_q_that_rose_is_told_and_where_unequal_inputs_were_the_reason_that_is_too(run, tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2)) * [1, 1000]
    rows = (f"{a},{b},{int(a > 0)}" for a, b in X)
    path = written(tmp_path / "d.csv", "a,b,y", *rows)
    command = ("train", "logistic_regression", path, "--optimizer", "sgd", "--validation-fraction", "0.3")
    status, out, _ = run(*command, "--learning-rate", "0.0001", "-o", tmp_path / "w.npz", "--epochs", "1")
    assert status == 0
    assert "Q is higher than before: the steps were too long" in out
    status, _, err = run(*command, "--learning-rate", "1000", "-o", tmp_path / "v.npz")
    assert status == 2
    assert one_line(err)
    assert "Try a lower learning_rate" in err
    assert "--standardize brings them to one size" in err


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


def test_a_picture_that_cannot_be_drawn_does_not_cost_the_weights(table, tmp_path):
    pytest.importorskip("matplotlib")
    (tmp_path / "q.png").mkdir()
    run = training.train(classifier, table, sizes={}, output=tmp_path / "w.npz", plot=tmp_path / "q.png", epochs=1)
    assert (tmp_path / "w.npz").exists()
    assert "no picture was drawn" in str(run)


@pytest.mark.parametrize("seed", range(5))
def test_a_hundred_corrupted_files_of_weights_are_refused_or_right(fitted, seed):
    out, _ = fitted
    rng, whole = np.random.default_rng(seed), out.read_bytes()
    X, _ = flowers()
    right = load(classifier).Trainer.load(out).predict(X)
    refused: list[str] = []
    for _ in range(20):
        damaged = bytearray(whole)
        match rng.integers(3):
            case 0:
                damaged = damaged[: rng.integers(len(whole))]
            case 1:
                damaged[rng.integers(len(whole))] ^= 1 << int(rng.integers(8))
            case _:
                at, length = int(rng.integers(len(whole))), int(rng.integers(1, 200))
                damaged[at : at + length] = rng.bytes(length)
        out.write_bytes(damaged)
        try:
            again = load(classifier).Trainer.load(out)
        except ValueError as error:
            refused.append(str(error))
        else:
            np.testing.assert_array_equal(again.predict(X), right)
    assert not any("\n" in told for told in refused)


def test_what_is_the_same_for_all_samples_lies_beside_them_and_then_in_the_weights(run, tmp_path):
    spec = """name = "known"
loss = "squared"
inputs = { x = "D" }
constants = { c = { width = ["D"] } }
nodes = { p = { formula = "p[i] = Sum(w[d]*c[d]*x[i,d], d)" } }
"""
    (tmp_path / "known.toml").write_text(spec)
    table = written(tmp_path / "d.csv", "a,b,y", "1,2,3", "2,3,4")
    np.savez(tmp_path / "d.npz", X=np.ones((5, 2)), Y=np.arange(5.0), c=np.array([1.0, 2.0]))
    train = ("train", tmp_path / "known.toml")
    more = ("--epochs", "1", "-o", tmp_path / "w.npz")
    status, _, err = run(*train, table, *more)
    assert (status, "give an .npz file with X, Y, c" in err) == (2, True)
    assert run(*train, tmp_path / "d.npz", *more)[0] == 0
    status, out, err = run("predict", tmp_path / "w.npz", table)
    assert (status, err, len(out.splitlines())) == (0, "", 3)
    np.savez(tmp_path / "e.npz", X=np.ones((5, 2)), Y=np.arange(5.0))
    status, _, err = run(*train, tmp_path / "e.npz", "--epochs", "1", "-o", tmp_path / "v.npz")
    assert (status, "it should hold X, Y, c" in err) == (2, True)


def test_every_label_of_a_sample_is_predicted_under_its_own_name(run, tmp_path):
    spec = """name = "labels"
loss = "log_loss"
inputs = { x = "D" }
nodes = { p = { inputs = ["x"], width = "K", activation = "sigmoid" } }
"""
    (tmp_path / "labels.toml").write_text(spec)
    table = written(tmp_path / "d.csv", "a,b,wet,cold", "1,2,1,0", "2,3,0,1", "3,1,1,1")
    targets = ("--target", "wet", "--target", "cold")
    assert run("train", tmp_path / "labels.toml", table, *targets, "--epochs", "1", "-o", tmp_path / "w.npz")[0] == 0
    out = run("predict", tmp_path / "w.npz", table)[1].splitlines()
    assert out[0] == "wet,cold,p_wet,p_cold"
    for row in out[1:]:
        wet, cold, p_wet, p_cold = row.split(",")
        assert (wet == "1", cold == "1") == (float(p_wet) > 0.5, float(p_cold) > 0.5)


def test_a_target_of_hundreds_is_told_and_standardised_on_request(run, tmp_path):
    table = written(tmp_path / "d.csv", "a,y", *(f"{k / 10},{100 + 30 * k}" for k in range(10)))
    spec = """loss = "squared"
output = "p"
inputs = { x = "D" }
sizes = { D = 1, J = 4 }
[nodes]
z = { inputs = ["x"], width = "J", activation = "tanh" }
p = { inputs = ["z"], width = 1 }
"""
    line = ("train", written(tmp_path / "linear.toml", spec), table, "--epochs", "2")
    hint = "--standardize-target brings it to mean 0"
    assert hint in run(*line, "-o", tmp_path / "one.npz")[1]
    status, out, err = run(*line, "--standardize-target", "-o", tmp_path / "two.npz")
    assert (status, err, hint in out) == (0, "", False)
    predicted = [float(row) for row in run("predict", tmp_path / "two.npz", table)[1].splitlines()[1:]]
    assert 100 < np.mean(predicted) < 400
