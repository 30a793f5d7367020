"""What pydantic would have taken where it refused a value, in both languages: it says so in English alone."""

from __future__ import annotations

from typing import Any

from symbolic.words import Text


def wanted(complaint: Any) -> Text:
    """The words of one of pydantic's complaints, begun with a small letter, and the same in Russian."""
    english = " ".join((complaint["msg"][:1].lower() + complaint["msg"][1:]).split())
    told = {key: str(value).replace(" or ", " или ") for key, value in complaint.get("ctx", {}).items()}
    russian = _RUSSIAN.get(complaint["type"], "нужно значение другого вида")
    try:
        return Text(english, russian.format(**told))
    except KeyError:  # a later pydantic that says less of what it wants
        return Text(english, "нужно другое значение")


#: By pydantic's name of the complaint; what stands in braces it tells with it.
_RUSSIAN = {
    "missing": "отсутствует, а здесь это нужно",
    "extra_forbidden": "такого ключа здесь нет",
    "literal_error": "нужно {expected}",
    "bool_type": "нужно true или false",
    "string_type": "нужен текст в кавычках",
    "int_type": "нужно целое число",
    "int_parsing": "нужно целое число",
    "float_type": "нужно число",
    "finite_number": "нужно конечное число",
    "list_type": "нужен список",
    "dict_type": "нужна таблица ключей",
    "model_type": "нужна таблица ключей",
    "model_attributes_type": "нужна таблица ключей",
    "string_too_long": "слишком длинно: нужно не больше {max_length} символов",
    "too_long": "слишком длинно: нужно не больше {max_length}, а здесь {actual_length}",
    "greater_than": "нужно число больше {gt}",
    "greater_than_equal": "нужно число не меньше {ge}",
    "less_than": "нужно число меньше {lt}",
    "less_than_equal": "нужно число не больше {le}",
}
