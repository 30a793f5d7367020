"""A table that pyarrow reads is the table that is read line by line, and what it cannot read is told as before."""

from __future__ import annotations

import bz2
import gzip
import lzma

import numpy as np
import pytest

from codegen.training import tables
from codegen.training.tables import Reading, Table, every, read_csv
from symbolic.errors import SpecError

pytest.importorskip("pyarrow")

ROWS = ["1,2.5,-3e-7", "4,0.1,6", "7,.5,1E3"]
PLAIN = {
    "numbers": "a,b,c\n" + "\n".join(ROWS),
    "the end of the last line": "a,b,c\n" + "\n".join(ROWS) + "\n",
    "lines of Windows": "a,b,c\r\n" + "\r\n".join(ROWS) + "\r\n",
    "a mark of UTF-8": "\ufeffa,b,c\n" + "\n".join(ROWS),
    "names of classes": "a,b,c\n1,2,red\n3,4, blue \n5,6,red\n",
    "quotes": 'a,"b, in cm","c"\n"1","2","a ""x"", y"\n"3","4","z"\n',
    "decimal commas": "a;b;c\n1,5;2;3\n4;5,25;6\n",
    "semicolons and points": "a;b;c\n1.5;2;3\n4;5.25;6\n",
    "tabs": "a\tb\tc\n1\t2\tх\n3\t4\tу\n",
}
OTHER = {
    "a blank line": "a,b,c\n1,2,3\n\n4,5,6\n",
    "truths": "a,b,c\n1,True,3\n4,false,6\n",
    "an index": ",b,c\n0,2,3\n1,5,6\n",
    "the minus of typesetters": "a,b,c\n1,\u22122,3\n",
    "a quoted line break": 'a,b,c\n1,2,"x\ny"\n3,4,z\n',
    "a separator that is told": "sep=;\na;b;c\n1;2;3\n",
}
WRONG = {
    "a gap": "a,b,c\n1,2,3\n4,,6\n",
    "a word": "a,b,c\n1,2,3\n4,x,6\n",
    "a date": "a,b,c\n1,2024-01-01,3\n",
    "an infinity": "a,b,c\n1,inf,3\n",
    "no number": "a,b,c\n1,nan,3\n",
    "a short row": "a,b,c\n1,2,3\n4,5\n",
    "a comma and a point": "a;b;c\n1,5;2.5;3\n",
    "a class that is missing": "a,b,c\n1,2,x\n1,2,\n",
    "a number among names": "a,b,c\n1,2,x\n1,2,y\n1,2,3\n",
    "two columns of one name": "a,a,c\n1,2,3\n",
}


def both(monkeypatch: pytest.MonkeyPatch, path, reading: Reading) -> list[Table | str]:
    """What is read by pyarrow first, and what is read line by line."""
    found: list[Table | str] = []
    for large in (0, 2**40):
        monkeypatch.setattr(tables, "LARGE", large)
        try:
            found.append(read_csv(path, reading))
        except SpecError as error:
            found.append(str(error))
    return found


@pytest.mark.parametrize("classes", [False, True])
@pytest.mark.parametrize("what", [*PLAIN, *OTHER, *WRONG])
def test_both_ways_of_reading_say_the_same(what, classes, tmp_path, monkeypatch):
    path = tmp_path / "data.csv.gz"
    path.write_bytes(gzip.compress({**PLAIN, **OTHER, **WRONG}[what].encode()))
    quick, careful = both(monkeypatch, path, Reading(every, classes, False))
    if isinstance(quick, str) or isinstance(careful, str):
        assert quick == careful
        return
    np.testing.assert_array_equal(quick.numbers, careful.numbers)
    assert (quick.names, quick.labels, quick.lines) == (careful.names, careful.labels, careful.lines)


@pytest.mark.parametrize("what", PLAIN)
def test_what_is_plain_is_not_read_line_by_line(what, tmp_path, monkeypatch):
    path = tmp_path / "data.csv"
    path.write_bytes(PLAIN[what].encode())
    monkeypatch.setattr(tables, "LARGE", 0)
    monkeypatch.setattr(tables, "_cells", None)
    assert len(read_csv(path, Reading(every, True)).numbers) in (2, 3)


def test_columns_are_chosen_and_what_is_left_out_may_be_anything(tmp_path, monkeypatch):
    path = tmp_path / "data.csv"
    path.write_text("when,a,b\n2024-01-01,1,2\n2024-01-02,3,4\n", encoding="utf-8")
    quick, careful = both(monkeypatch, path, Reading(lambda names: (2, 1)))
    assert isinstance(quick, Table)
    assert isinstance(careful, Table)
    assert quick.names == careful.names == ("b", "a")
    np.testing.assert_array_equal(quick.numbers, [[2, 1], [4, 3]])


@pytest.mark.parametrize(("pack", "end"), [(gzip.compress, "gz"), (bz2.compress, "bz2"), (lzma.compress, "xz")])
def test_a_packed_file_that_was_made_to_fill_the_memory_is_refused(pack, end, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "HARMLESS", 10_000)
    path = tmp_path / f"data.csv.{end}"
    path.write_bytes(pack(b"a,b,y\n" + b"0,0,0\n" * 100_000))
    with pytest.raises(SpecError, match="more than 100 times its size"):
        read_csv(path, Reading(every, False, False))
