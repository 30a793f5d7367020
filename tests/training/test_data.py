"""What ``chainrule train`` reads: tables and arrays of real data, and what is said of those that would be misread."""

from __future__ import annotations

import bz2
import gzip
import lzma

import numpy as np
import pytest
from flowers import CLASSES, classifier, flowers, one_line, written

from codegen.training import run as training
from codegen.training.data import Columns, Wanted, read
from codegen.training.widths import CLASS_VALUES
from symbolic.errors import MissingExtra, SpecError
from symbolic.network.network import Network


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
