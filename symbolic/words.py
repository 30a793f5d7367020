"""Sentences in both languages, and the catalogue of the general terms; the Russian ones are the lecture's own.

    >>> str(HIDDEN_LAYER), HIDDEN_LAYER.text("ru")
    ('hidden layer', 'скрытый слой')
    >>> Text("derivative by {by}", "производная по {by}").format(by="w").text("ru")
    'производная по w'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["en", "ru"]
LANGUAGES: tuple[Language, ...] = ("en", "ru")


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in English and in Russian; ``str`` gives the English."""

    en: str
    ru: str

    def __str__(self) -> str:
        return self.en

    def text(self, lang: str = "en") -> str:
        """The sentence in one language; ``ValueError`` names the languages there are."""
        match lang:
            case "en":
                return self.en
            case "ru":
                return self.ru
        raise ValueError(f"language: got {lang!r}, there are 'en' and 'ru'")

    def format(self, **values: object) -> Text:
        """Fill the ``{name}`` places; a Text fills each language with its own words."""
        return Text(self.en.format(**_spoken(values, "en")), self.ru.format(**_spoken(values, "ru")))

    def __add__(self, other: Text | str) -> Text:
        return Text(self.en + _said(other, "en"), self.ru + _said(other, "ru"))


def _said(value: object, lang: Language) -> str:
    return value.text(lang) if isinstance(value, Text) else str(value)


def _spoken(values: dict[str, object], lang: Language) -> dict[str, str]:
    return {key: _said(value, lang) for key, value in values.items()}


def same(words: str) -> Text:
    """What is written alike in both languages: a formula, a name."""
    return Text(words, words)


# The parts of a network and of its training.
NEURAL_NETWORK = Text("neural network", "нейронная сеть")
NEURON = Text("neuron", "нейрон")
INPUT = Text("input", "вход")
INPUTS = Text("inputs", "входы")
FICTITIOUS_INPUT = Text("fictitious input", "фиктивный вход")
FICTITIOUS_ELEMENT = Text("fictitious element", "фиктивный элемент")
HIDDEN_LAYER = Text("hidden layer", "скрытый слой")
OUTPUT_LAYER = Text("output layer", "выходной слой")
OUTPUT = Text("output", "выход")
WEIGHTS = Text("weights", "веса")
BIAS = Text("bias", "сдвиг")
PARAMETERS = Text("parameters", "параметры")
HYPERPARAMETER = Text("hyperparameter", "гиперпараметр")
ACTIVATION = Text("activation function", "функция активации")
WEIGHTED_SUM = Text("weighted sum", "взвешенная сумма")
SIGMOID = Text("sigmoid", "сигмоида")
MODEL = Text("model", "модель")
OBJECT = Text("object", "объект")
TRAINING_SAMPLE = Text("training sample", "обучающая выборка")
TARGET = Text("target", "правильный ответ")
LOSS_FUNCTION = Text("loss function", "функция потерь")
LOSS_ON_SAMPLE = Text("loss on the sample", "потери на выборке")
REGULARIZER = Text("regularizer", "функция регуляризации")
OBJECTIVE = Text("objective", "целевая функция")
GRADIENT = Text("gradient", "градиент")
GRADIENT_DESCENT = Text("gradient descent", "градиентный спуск")
FORWARD_PASS = Text("forward pass", "прямой ход")
BACKWARD_PASS = Text("backward pass", "обратный ход")
BACKPROPAGATION = Text("backpropagation", "обратное распространение ошибки")
TRAINING = Text("training", "обучение")
VECTOR = Text("vector", "вектор")
MATRIX = Text("matrix", "матрица")
SHAPE = Text("shape", "размер")

# Headings of a derivation and of a report.
THE_NETWORK = Text("The network", "Нейронная сеть")
NOTATION = Text("Notation", "Обозначения")
COMPONENTS = Text("Components of training", "Компоненты обучения")
THE_OBJECTIVE = Text("The objective", "Целевая функция")
RULES_USED = Text("Rules used", "Используемые правила")
DERIVATION = Text("Derivation", "Вывод")
DERIVATION_OF = Text("Derivation of {goal}", "Вывод {goal}")
STEP = Text("Step", "Шаг")
REASON = Text("reason", "обоснование")
RESULT = Text("Result", "Результат")
FINAL_GRADIENTS = Text("The gradients", "Градиент")
FORWARD_HEADING = Text("Forward pass", "Прямой ход")
BACKPROPAGATION_HEADING = Text("Backpropagation", "Обратное распространение ошибки")
MATRIX_HEADING = Text("Matrix form over the whole sample", "Матричная форма для всей выборки")
CODE_HEADING = Text("Emitted program", "Полученная программа")
EVIDENCE_HEADING = Text("Finite-difference evidence", "Проверка конечными разностями")
QUANTITY = Text("quantity", "величина")
MEANING = Text("meaning", "смысл")
RANGE = Text("range", "область")
EXAMPLE_ONE_NEURON = Text("Example: one neuron", "Пример: один нейрон")
EXAMPLE_HIDDEN_LAYER = Text("Example: network with one hidden layer", "Пример: сеть с одним скрытым слоем")
WHERE_WORD = Text("where", "где")
IF_WORD = Text("if", "если")
OTHERWISE_WORD = Text("otherwise", "иначе")

#: What a definition's ``kind`` is called.
KINDS: dict[str, Text] = {
    "preactivation": WEIGHTED_SUM,
    "activation": Text("activation", "выход нейронов"),
    "node": Text("node", "узел"),
    "loss": LOSS_FUNCTION,
    "regularizer": REGULARIZER,
    "objective": OBJECTIVE,
    "adjoint": Text("error", "ошибка"),
}

#: What a tensor's ``role`` is called.
ROLES: dict[str, Text] = {
    "input": INPUT,
    "target": TARGET,
    "parameter": WEIGHTS,
    "value": Text("value of the network", "значение в сети"),
    "adjoint": Text("derivative of Q by a value", "производная Q по значению"),
    "direction": Text("direction", "направление"),
    "tangent": Text("derivative along the direction", "производная по направлению"),
}

#: The four verdicts, and the lines that only name things.
VERDICTS: dict[str, Text] = {
    "proved": Text("proved", "доказано"),
    "agrees": Text("agrees", "согласуется"),
    "refuted": Text("refuted", "опровергнуто"),
    "not understood": Text("not understood", "не понято"),
    "given": Text("given", "дано"),
}

# Two of the lecture's own sentences.
OPTIMISATION = Text("Optimisation: any gradient method.", "Оптимизация: любой градиентный метод.")
CHAIN_RULE = Text("Derivative of a composition of functions", "Производная композиции функций")
