"""What is wrong with a spec, a formula or a header is said in English and in Russian, from the same parts."""

from __future__ import annotations

import ast
import pickle
import re
from functools import cache
from pathlib import Path

import pytest

from symbolic.errors import CommandError, SpecError
from symbolic.marking import verify_text
from symbolic.marking.model.header_lines import StrayIndex
from symbolic.network.catalogue import ACTIVATION_NAMES, FUNCTIONS, LOSSES
from symbolic.network.grammar import SPECIAL_FORMS
from symbolic.network.network import Network
from symbolic.network.schema import NetworkSpec, NodeSpec, OwnRegularizer, RegularizerSpec
from symbolic.words import NOTHING, Text, listed

ROOT = Path(__file__).parents[2]
FILES = [*sorted((ROOT / "symbolic").rglob("*.py")), *sorted((ROOT / "codegen").rglob("*.py"))]
#: Errors that carry a sentence for a person.
ERRORS = {"SpecError", "StrayIndex", "NotUnderstood", "ShapeError", "Undeclared", "Failure"}
#: What is looked at: an error, or a sentence of both languages.
SAID = {*ERRORS, "CommandError", "Text"}
#: Where a command line or a file beside it alone is at fault, and English is enough.
COMMANDS = re.compile(
    r"codegen/(cli|audit|training|files\.py|targets/(package|registry|numpy/emit)\.py|checking/vouch\.py"
    r"|web/(settings|listen)\.py)"
)
#: A word of English, outside a {place} and no command of LaTeX.
WORD = re.compile(r"(?<![\\\w-])[a-z]{4,}\b")
#: Names that are the same in every language.
ALIKE = {*FUNCTIONS, *SPECIAL_FORMS, *ACTIVATION_NAMES, *LOSSES, "diag", "chainrule", "verify", "spec"}


@cache
def calls() -> list[tuple[str, str, ast.Call]]:
    """Where each call stands, what it calls, and the call, of all that say something."""
    return [
        (f"{file.relative_to(ROOT).as_posix()}:{node.lineno}", node.func.id, node)
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAID
    ]


def sentence(call: ast.Call, name: str) -> ast.expr | None:
    at = 1 if name == "Failure" else 0
    return call.args[at] if len(call.args) > at else None


def literal(value: ast.expr | None) -> bool:
    """Whether it is a plain string, however it is put together."""
    match value:
        case ast.Constant(str()) | ast.JoinedStr():
            return True
        case ast.BinOp(left, _, _):  # a string and a Text have no sum, so what it begins with decides
            return literal(left)
        case ast.IfExp(_, then, other):
            return literal(then) or literal(other)
    return False


def words(value: ast.expr) -> str:
    """The words of a sentence, those of what is filled in by a choice too, without the names in it."""
    if isinstance(value, ast.JoinedStr):
        return "".join(str(part.value) for part in ast.walk(value) if isinstance(part, ast.Constant))
    return re.sub(r"\{\w*\}", "", str(value.value)) if isinstance(value, ast.Constant) else ""


def parts(value: ast.expr) -> set[str]:
    """The names of what is filled in."""
    if isinstance(value, ast.Constant):
        return set(re.findall(r"\{(\w+)\}", str(value.value)))
    filled = (part for part in ast.walk(value) if isinstance(part, ast.FormattedValue))
    return {node.id for part in filled for node in ast.walk(part) if isinstance(node, ast.Name)}


def test_no_error_for_a_person_is_a_plain_string() -> None:
    sites = [(place, sentence(node, name)) for place, name, node in calls() if name in ERRORS]
    assert len(sites) > 300
    assert [place for place, said in sites if literal(said)] == []


def test_only_a_command_line_is_answered_in_english_alone() -> None:
    sites = [place for place, name, _ in calls() if name == "CommandError"]
    assert sites
    assert [place for place in sites if not COMMANDS.match(place)] == []


def test_every_english_sentence_has_a_russian_one_beside_it() -> None:
    pairs = [(place, node.args) for place, name, node in calls() if name == "Text" and len(node.args) == 2]
    english = [(place, ru) for place, (en, ru) in pairs if set(WORD.findall(words(en))) - ALIKE]
    assert len(english) > 600
    assert [place for place, ru in english if words(ru) and not re.search("[а-яё]", words(ru))] == []


def test_both_sentences_are_made_of_the_same_parts() -> None:
    pairs = [(place, node.args) for place, name, node in calls() if name == "Text" and len(node.args) == 2]
    filled = [(place, parts(en), parts(ru)) for place, (en, ru) in pairs if parts(en) and words(ru)]
    assert len(filled) > 200
    assert [found for found in filled if found[1] != found[2]] == []


HEAD = 'loss = "squared"\n'
XP = '[inputs]\nx = "D"\n[nodes.p]\ninputs = ["x"]\nwidth = 1\n'


def formula(text: str, more: str = "") -> str:
    return f"{HEAD}[inputs]\nx = \"D\"\n[nodes.p]\nformula = '{text}'\n{more}"


BAD_SPECS = {
    "no loss": XP,
    "a loss below a table": XP + 'loss = "squared"\n',
    "no inputs": f"{HEAD}[nodes.p]\ninputs = ['x']\nwidth = 1",
    "an unknown key": HEAD + XP + "widht = 1",
    "a key of nobody": HEAD + XP + "zzzzzz = 1",
    "a key of a node above": 'activation = "tanh"\n' + HEAD + XP,
    "a choice of two": 'reduction = "median"\n' + HEAD + XP,
    "a number for a yes": HEAD + XP + "bias = 3",
    "a table for a word": HEAD + "inputs = 3\n[nodes.p]\ninputs = ['x']",
    "no TOML": "a = [",
    "two values": "a = 1\na = 2",
    "no value": HEAD + "x = ",
    "no loss of ours": 'loss = "sqared"\n' + XP,
    "another library's loss": 'loss = "mse"\n' + XP,
    "a loss without p": 'loss = "y**2"\n' + XP,
    "an activation misspelt": HEAD + XP + 'activation = "sigmoyd"',
    "an activation of nobody": HEAD + XP + 'activation = "qqqqqqq"',
    "a scalar softmax": HEAD + XP + 'activation = "softmax"',
    "a word of Python": f"{HEAD}[inputs]\nimport = 'D'\n[nodes.p]\ninputs = ['import']\nwidth = 1",
    "the letter of the objective": f"{HEAD}[inputs]\nQ = 'D'\n[nodes.p]\ninputs = ['Q']\nwidth = 1",
    "an input of nobody": HEAD + XP + "[nodes.q]\ninputs = ['zz']\nwidth = 1",
    "two outputs": HEAD + XP + "[nodes.q]\ninputs = ['x']\nwidth = 1",
    "a circle": f"{HEAD}[inputs]\nx = 2\n[nodes.p]\ninputs = ['q']\nwidth = 1\n[nodes.q]\ninputs = ['p']\nwidth = 1",
    "a size of nobody": HEAD + XP + "[sizes]\nZ = 3",
    "a size that is none": HEAD + XP.replace('"D"', "-1"),
    "nothing regularised": HEAD + "regularizer = {}\n" + XP,
    "a block that is none": HEAD + "blocks = 3\n" + XP,
    "a matrix product": formula("p[i] = x[i] @ w"),
    "an end too early": formula("p[i] = Sum(w[k]*x[i,k], k"),
    "a word between": formula("p[i] = b if x else 0"),
    "an unbound index": formula("p[i] = w[k]*x[i,k]"),
    "a bound index twice": formula("p[i] = Sum(x[i,i], i)"),
    "too few subscripts": formula("p[i] = Sum(w[k]*x[k], k)"),
    "no subscripts": formula("p[i] = w*x"),
    "a function of nobody": formula("p[i] = foo(Sum(x[i,k], k))"),
    "numpy's sum": formula("p[i] = mean(x[i,k], k)"),
    "nested too deeply": formula("p[i] = " + "(" * 60 + "1" + ")" * 60),
    "a division by zero": formula("p[i] = 1/0"),
    "a range of nobody": formula("p[i] = Sum(w[k]*x[i,k], k)", "ranges = { t = 3 }"),
    "an axis left": formula("p[i] = Sum(w[u]*x[i,u+1], u)"),
    "another name on the left": formula("z[i] = Sum(w[k]*x[i,k], k)"),
}
BAD_HEADERS = {
    "a word of nobody": "%! foo bar",
    "no range": "%! sizes N D\n%! index j 1 J",
    "a size that is not there": "%! sizes N\n%! data x : R^D",
    "a type of nobody": "%! sizes N D\n%! data x : Z^D",
    "an index on the right only": "%! sizes J K\n%! index j = 1..J\n%! param w_j : R\n%! let Q = w_j",
    "a line that is not read": "%! sizes N D\n%! data x : R^D\n%! let Q = \\hbar x",
}


def said(error: SpecError) -> Text:
    """Both sentences, after the journey from another process."""
    arrived = pickle.loads(pickle.dumps(error))
    assert arrived.said == error.said
    assert str(arrived) == error.said.en
    return error.said


def in_russian(text: Text, source: str) -> None:
    """One line, in Russian words, without an English one that is neither in the source nor in our language."""
    assert "\n" not in text.ru
    assert re.search("[а-яё]{3}", text.ru), text.ru
    tables = (NetworkSpec, NodeSpec, RegularizerSpec, OwnRegularizer)
    keys = {key for table in tables for key in table.model_fields}
    known = ALIKE | keys | set(WORD.findall(source)) | {"true", "false", "binary", "onehot", "positive", "recurrent"}
    known |= {"repeat", "nodes", "layer", "blocks", "index", "data", "param", "const", "matrix", "vector", "func"}
    known |= {"convention", "scalar", "layers", "steps", "mean", "sizes"}
    assert set(WORD.findall(text.ru)) <= known, text.ru


@pytest.mark.parametrize("spec", BAD_SPECS.values(), ids=BAD_SPECS)
def test_a_bad_spec_is_answered_in_russian(spec: str) -> None:
    with pytest.raises(SpecError) as refused:
        Network.from_toml(spec)
    in_russian(said(refused.value), spec)


@pytest.mark.parametrize("header", BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_a_bad_header_is_answered_in_russian(header: str) -> None:
    with pytest.raises(SpecError) as refused:
        verify_text(f"{header}\n$$ a = b $$")
    text = said(refused.value)
    in_russian(text, header)
    assert text.ru.startswith("строка ")


def test_a_place_in_front_changes_neither_language() -> None:
    inner = SpecError(Text("width is missing", "нет ключа width"))
    outer = inner.at("nodes.z").at(Text("line 3", "строка 3"))
    assert outer.said == Text("line 3: nodes.z: width is missing", "строка 3: nodes.z: нет ключа width")
    stray = StrayIndex(inner.said, "k").at(Text("line 3", "строка 3"))
    assert stray.letter == "k"


def test_what_only_a_command_can_cause_is_the_same_in_both() -> None:
    error = CommandError("--only foo: there is no such part")
    assert said(error).ru == str(error)


def test_no_names_are_a_word_and_nothing_is_nothing() -> None:
    assert (listed(()), listed(("a", "b"))) == (Text("none", "нет"), Text("a, b", "a, b"))
    assert Text("a", "a") == NOTHING + "a"
