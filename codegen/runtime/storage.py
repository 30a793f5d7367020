"""Trainers on disk: one .npz file of facts, as JSON, and arrays, written whole or not at all, read without pickles."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from codegen.runtime.arguments import Array


def write_facts(path: str | os.PathLike[str], facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write facts that JSON can hold, and arrays; a reader sees the old file or the new one; OSError names ``path``."""
    folder, name = os.path.split(os.fspath(path))
    try:
        handle, draft = tempfile.mkstemp(prefix=f".{name}.", dir=folder or ".")
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **{**arrays, "facts": np.array(json.dumps(facts))})  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:  # a full disk says so without a name
        os.unlink(draft)
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None
    except BaseException:
        os.unlink(draft)
        raise


def read_facts(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Array]]:
    """What ``write_facts`` wrote, which is never packed: what would unpack to more than the file is not unpacked.

    ValueError for any other file; FileNotFoundError.
    """
    try:
        with open(path, "rb") as whole:
            with zipfile.ZipFile(whole) as parts:
                if sum(part.file_size for part in parts.infolist()) > os.fstat(whole.fileno()).st_size:
                    raise ValueError("packed")
            whole.seek(0)
            with np.load(whole, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        facts = dict(json.loads(str(arrays.pop("facts"))))
        str(facts["spec"]), str(facts["hash"])
    except FileNotFoundError:
        raise
    except DAMAGED:
        raise ValueError(f"{path} is no file that Trainer.save wrote, or not the whole of one") from None
    return facts, arrays


#: What is raised over a file that is damaged or none of theirs: by NumPy, zip, zlib, JSON, and by Python's tokenizer
#: and parser, through which the header of an array goes.  No list of it is ever whole.
DAMAGED = (Exception,)
