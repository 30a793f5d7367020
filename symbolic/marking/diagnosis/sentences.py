"""What is said about a wrong line, in English and Russian."""

from __future__ import annotations

from symbolic.marking.diagnosis.edits import Edit
from symbolic.marking.diagnosis.effort import RUNAWAY
from symbolic.marking.grammar.tree_latex import typeset
from symbolic.marking.text.refusals import ShapeError
from symbolic.words import Text

SENTENCES = {
    "sign": Text("a sign is wrong: {old} should be {new}", "ошибка в знаке: вместо {old} должно быть {new}"),
    "factor": Text("a numerical factor is wrong{exchange}", "неверный числовой множитель{exchange}"),
    "missing_factor": Text("the factor {new} is missing", "потерян множитель {new}"),
    "extra_factor": Text("the factor {old} is too many", "лишний множитель {old}"),
    "activation_derivative": Text(
        "the derivative of the activation is not right{exchange}", "неверна производная функции активации{exchange}"
    ),
    "argument": Text(
        "a function or its derivative is taken at the wrong argument: {old} should be {new}",
        "функция или её производная взята не в той точке: вместо {old} должно быть {new}",
    ),
    "power": Text("the power is wrong{exchange}", "неверная степень{exchange}"),
    "missing_sum": Text("a sum is missing: {new} should stand here", "потеряна сумма: должно быть {new}"),
    "extra_sum": Text("there is a sum too many: {old} should be {new}", "лишняя сумма: вместо {old} должно быть {new}"),
    "index": Text("a wrong index: {old} should be {new}", "неверный индекс: вместо {old} должно быть {new}"),
    "symbol": Text("a wrong symbol: {old} should be {new}", "не тот символ: вместо {old} должно быть {new}"),
    "bias": Text("the bias is not taken into account{exchange}", "не учтён свободный член{exchange}"),
    "regularizer": Text("the regulariser's term is not right{exchange}", "неверно слагаемое регуляризатора{exchange}"),
    "path": Text(
        "a path through the network is not taken into account rightly{exchange}",
        "неверно учтён путь через сеть{exchange}",
    ),
    "missing_term": Text("the term {new} is missing", "потеряно слагаемое {new}"),
    "extra_term": Text("the term {old} is too many", "лишнее слагаемое {old}"),
    "differential": Text(
        "a differential is missing: {new} should stand here", "потерян дифференциал: должно быть {new}"
    ),
    "product_rule": Text(
        "d acts on every factor of a product in turn: the term {new} is missing",
        "d действует на каждый множитель произведения по очереди: потеряно слагаемое {new}",
    ),
    "delta": Text(
        "Kronecker's delta is missing or misplaced{exchange}", "потерян или не там стоит символ Кронекера{exchange}"
    ),
    "condition": Text(
        "the condition is wrong: {old} should be {new}", "неверное условие: вместо {old} должно быть {new}"
    ),
    "transpose": Text(
        "transposition is wrong: {old} should be {new}", "ошибка в транспонировании: вместо {old} должно быть {new}"
    ),
    "hadamard": Text(
        "the kind of product is wrong (⊙ is entry by entry): {old} should be {new}",
        "не то произведение (⊙ — поэлементное): вместо {old} должно быть {new}",
    ),
}
_NONE = Text("no single edit of mine mends this line", "ни одна одиночная правка эту строку не исправляет")


#: What is said when the steps that a text may take end the search, and when the clock does.
TOO_MANY_STEPS = Text(
    "wrong; the search for an edit that mends this line would take too many steps",
    "неверно; поиск правки, исправляющей эту строку, занял бы слишком много шагов",
)
ENDED = Text(
    f"wrong; the search for an edit that mends this line was ended after {RUNAWAY:.0f} seconds",
    f"неверно; поиск правки, исправляющей эту строку, прерван через {RUNAWAY:.0f} секунд",
)


def sentence(kind: str, edit: Edit, problem: ShapeError | None = None) -> Text:
    """One sentence about a line; says "it would hold if …" in effect: the edit that mends it."""
    template = SENTENCES.get(kind)
    if template is None or (edit.old is None and edit.new is None):
        if problem is not None:
            return problem.said + Text("; ", "; ") + _NONE
        return _NONE
    old = f"${typeset(edit.old)}$" if edit.old is not None else ""
    new = f"${typeset(edit.new)}$" if edit.new is not None else ""
    if old and new:
        exchange = Text(f": {old} should be {new}", f": вместо {old} должно быть {new}")
    elif new:
        exchange = Text(f": {new} is missing", f": не хватает {new}")
    else:
        exchange = Text(f": {old} is too many", f": лишнее {old}")
    return template.format(old=old or "—", new=new or "—", exchange=exchange)
