"""What is said of shapes and indices that do not fit, in both languages."""

from __future__ import annotations

from symbolic.words import Text

NO_PRODUCT = Text("{left} times {right} is not a product", "не перемножаются: {left} и {right}")
NO_INNER_PRODUCT = Text("the inner product of {left} and {right}", "скалярно не перемножаются: {left} и {right}")
SIDES = Text("the left side is {left}, the right side is {right}", "слева {left}, справа {right}")
PLACED = Text("{target} set to {given}", "{target}, а подставлено {given}")
UNEVEN = Text("a matrix with rows of different lengths", "матрица со строками разной длины")
EXPONENT = Text("a vector as an exponent", "вектор в показателе степени")
#: Of which functions of a matrix or a vector.
OF_SHAPE = {
    "diag": Text("diag of {shape}", "diag: {shape}"),
    "trace": Text("the trace of {shape}", "след: {shape}"),
    "det": Text("the determinant of {shape}", "определитель: {shape}"),
    "softmax": Text("softmax of {shape}", "softmax: {shape}"),
}
OBJECTS = Text("the arguments belong to different objects", "аргументы относятся к разным объектам")
UNDECLARED = Text("{name} is not declared", "{name} нигде не объявлено")
TOO_MANY = Text("{name} has too many subscripts", "у {name} слишком много индексов")
SUBSCRIPTS = Text("{shape} with {count} subscripts", "{shape}, а индексов {count}")
NO_COMPONENT = Text("{name}: there is no component {number}", "{name}: компоненты с номером {number} нет")
FOR_OBJECTS = Text("{name}: this place is the object's", "{name}: на этом месте стоит номер объекта")
OTHER_RANGE = Text(
    "{name}: {index} runs over {range}, this place has {place}",
    "{name}: индекс {index} пробегает {range}, а на этом месте {place}",
)
#: What is taken entry by entry.
_ENTRYWISE = {
    "the sum": "не складываются",
    "the entrywise product": "поэлементно не перемножаются",
    "the comparison": "не сравниваются",
    "the cases": "в разных случаях разные размеры",
}


def unlike(what: str, one: Text, other: Text) -> Text:
    """Two shapes that do not go together entry by entry."""
    said = Text(what + " of {one} and {other}", _ENTRYWISE.get(what, what) + ": {one} и {other}")
    return said.format(one=one, other=other)
