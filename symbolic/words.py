"""Sentences in both languages, and the catalogue of the general terms; the Russian ones are the lecture's own.

>>> str(HIDDEN_LAYER), HIDDEN_LAYER.text("ru")
('hidden layer', 'скрытый слой')
>>> Text("derivative by {by}", "производная по {by}").format(by="w").text("ru")
'производная по w'
"""

from __future__ import annotations

from collections.abc import Iterable
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


#: Where there is nothing to add.
NOTHING = same("")


def first_of(names: Iterable[str], at_most: int = 6) -> Text:
    """Names as far as they stay in one line, and how many more there are.

    >>> str(first_of("abcdefgh"))
    'a, b, c, d, e, f and 2 more'
    """
    found = [*names]
    rest = len(found) - at_most
    return same(", ".join(found[:at_most])) + (Text(f" and {rest} more", f" и ещё {rest}") if rest > 0 else NOTHING)


def listed(names: Iterable[str]) -> Text:
    """Names one after the other, or a word that there are none."""
    found = ", ".join(names)
    return same(found) if found else Text("none", "нет")


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
CODE_HEADING = Text("The program, equation by equation", "Программа по формулам")
PROGRAM_HEADING = Text("The optimised program", "Оптимизированная программа")
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
    "before": Text("value a step earlier", "значение на предыдущем шаге"),
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

#: What should not have happened; whoever meets it is asked to say so.
FAULT = Text(
    "this is a fault of chainrule, please report it: {what}",
    "это ошибка в chainrule, сообщите о ней, пожалуйста: {what}",
)
# --- a report -----------------------------------------------------------------------------------
# Words of every document: LaTeX, slides, a page for a browser, a sheet with blanks.  ``{…}`` is filled in.
REPORT_TITLE = Text("The gradient of the network {name}", "Градиент нейронной сети {name}")
THE_GRAPH = Text("The graph, forward pass", "Граф сети, прямой ход")
THE_GRAPH_BACKWARD = Text("The graph, backward pass", "Граф сети, обратный ход")
GRAPH_CAPTION = Text(
    "Forward pass: every arrow carries a value; below a node stands its width.",
    "Прямой ход: по каждой стрелке передаётся значение; под узлом указана его ширина.",
)
BACKWARD_CAPTION = Text(
    "Backward pass: the errors {error} run against the arrows; a value that feeds several nodes gets the sum.",
    "Обратный ход: ошибки {error} идут против стрелок; значение, от которого зависят несколько узлов, получает сумму.",
)
CURVES = Text("{functions}", "{functions}")
UNITS_CAPTION = Text(
    "The neurons one by one; the fictitious inputs, which are 1, are drawn dashed.",
    "Нейроны по одному; фиктивные входы, равные 1, показаны пунктиром.",
)
_SHARED = Text(
    "The same derivation, with other names, holds for {others}.",
    "Аналогично выводятся {others}.",
)
_SHARED_BY_ONE = Text(_SHARED.en, "Аналогично выводится {others}.")


def shared(others: object, count: int) -> Text:
    """Who has the same derivation; Russian counts them."""
    return (_SHARED if count > 1 else _SHARED_BY_ONE).format(others=others)


SHARED_EQUATIONS = Text("The same with other names: {numbers}.", "То же с другими именами: {numbers}.")
SLOPES = Text("Derivatives of the functions", "Производные функций")
BY_ERRORS = Text(
    "The network is deep, so the derivation goes by errors {error}: each is computed once, from the output backwards.",
    "Сеть глубокая, поэтому вывод идёт через ошибки {error}: каждая вычисляется один раз, от выхода к входу.",
)
ERRORS_DERIVED = Text("The errors of this network", "Ошибки этой сети")
FORWARD_EQUATIONS = Text("Forward pass, as it is computed", "Прямой ход: формулы программы")
BACKWARD_EQUATIONS = Text("Backward pass, as it is computed", "Обратный ход: формулы программы")
NUMBERED = Text(
    "A number leads to the line of the program that computes it, and back.",
    "Номер ведёт к строке программы, которая вычисляет эту величину, и обратно.",
)
NO_MATRIX_FORM = Text(
    "These have no form with whole matrices and stay in index notation:",
    "Эти величины не записываются целыми матрицами и остаются с индексами:",
)
SAMPLE_ROWS = Text(
    "A matrix has a row for every object of the sample; {ones} is a vector of ones, {hadamard} multiplies entries.",
    "Строки матриц соответствуют объектам выборки; {ones} — вектор из единиц, {hadamard} — поэлементное умножение.",
)
ONE_OF_EACH_KIND = Text(
    "Of equations that are the same but for names, one is shown.",
    "Из равенств, различающихся только именами, показано одно.",
)
PROGRAM_LINES = Text(
    "The lines of the emitted module that compute; lines that continue the pattern are left out.",
    "Вычисляющие строки полученного модуля; строки, повторяющие тот же рисунок, опущены.",
)
UNFOLD = Text(
    "A click unfolds a derivation; a click on the rule below a line shows what it did.",
    "Щелчок раскрывает вывод; щелчок по правилу под строкой показывает, что оно сделало.",
)
STEPS = Text("line by line", "строка за строкой")
PROVED_EXACTLY = Text("proved exactly", "доказано точно")
AGREES_TO = Text(
    "agrees to {digits} digits at {points} random points",
    "согласуется до {digits} знаков в {points} случайных точках",
)
BECOMES = Text("becomes", "переходит в")
CONTINUED = Text("continued", "продолжение")

NO_FORMULA = Text(
    "A function of this network has no formula, so there is no program and nothing to check by numbers.",
    "У одной из функций этой сети нет формулы, поэтому нет ни программы, ни численной проверки.",
)

# Evidence by differences.
EVIDENCE_HEADS = (
    Text("parameter", "параметр"),
    Text("shape", "размер"),
    Text("relative error, at most", "относительная ошибка, не больше"),
    Text("at", "где"),
)
EVIDENCE_SETTING = Text(
    "At a random point ({sizes}) the gradient is compared, entry by entry, with central differences of {objective}.",
    "В случайной точке ({sizes}) градиент поэлементно сравнивается с центральными разностями {objective}.",
)
SEED = Text("seed {seed}", "зерно генератора {seed}")
SAMPLES = Text("{number} objects", "{number} объектов")
SECOND_OPINION = Text(
    "Second opinion ({method}): relative error at most {error}.",
    "Независимая проверка ({method}): относительная ошибка не больше {error}.",
)
WITNESS_PROVED = Text(
    "SymPy's own derivative of Q, by {number} weights at small sizes: proved equal.",
    "Сверка с SymPy: производные Q по {number} весам при малых размерах; равенство доказано.",
)
WITNESS_AGREES = Text(
    "SymPy's own derivative of Q, by {number} weights at small sizes: agrees to {digits} digits.",
    "Сверка с SymPy: производные Q по {number} весам при малых размерах; совпадают до {digits} знаков.",
)
WITNESS_REFUTES = Text(
    "SymPy's own derivative of Q disagrees at {worst}.",
    "Сверка с SymPy: производная Q не совпадает в {worst}.",
)
WITNESS_LEFT_OUT = Text(
    "SymPy's own derivative of Q is left out here, as too large or beyond what SymPy carries out.",
    "Сверка с SymPy здесь опущена: производная слишком велика или SymPy её не вычисляет.",
)
METHODS: dict[str, Text] = {
    "complex step": Text("complex step", "комплексный шаг"),
    "differences with 50 digits": Text("differences with 50 digits", "разности с 50 знаками"),
}
WORST_SHOWN = Text(
    "Of {number} parameters those with the largest errors are shown.",
    "Из {number} параметров показаны те, у которых ошибка наибольшая.",
)
DRAWN_AGAIN = Text(
    "The point was drawn again until Q was smooth and finite there.",
    "Точка выбиралась заново, пока Q не стала в ней гладкой и конечной.",
)
AXIS_STEP = Text("step h", "шаг h")
AXIS_ERROR = Text("relative error", "относительная ошибка")
CENTRAL = Text("central difference", "центральная разность")
ONE_SIDED = Text("one-sided difference", "односторонняя разность")
CURVE_CAPTION = Text(
    "Error against step: from the right the error of the formula falls with h (slope 1) or its square (slope 2), "
    "on the left rounding grows as 1/h. A wrong gradient has no V: its error stays where it is.",
    "Ошибка в зависимости от шага: справа погрешность формулы убывает как h (наклон 1) или его квадрат (наклон 2), "
    "слева растёт погрешность округления, как 1/h. Если градиент неверен, буквы V нет: ошибка не убывает.",
)

# Notation table.
SAMPLE_INDEX = Text("number of an object", "номер объекта")
BIAS_MEANING = Text("bias of {owner}: component 0 of the weights", "сдвиг {owner}: компонента 0 весов")
BIAS_ALONE = Text("bias", "сдвиг")
NODE_VALUE = Text("value of the node {node}", "значение узла {node}")
OF_NODE = Text("{what}, node {node}", "{what}, узел {node}")
HYPER_MEANING = Text("hyperparameter, {value}", "гиперпараметр, {value}")
ERROR_MEANING = Text("error of {of}: derivative of Q by it", "ошибка {of}: производная Q по этой величине")
GRADIENT_MEANING = Text("gradient by {of}", "градиент по {of}")

# The sheet with blanks.
SHEET_TITLE = Text("Exercise: the gradient of {name}", "Упражнение: градиент сети {name}")
KEY_TITLE = Text("Key: the gradient of {name}", "Ответы: градиент сети {name}")
SHEET_TASK = Text(
    "Fill in the blanks. The reason of each line stands at its right.",
    "Заполните пропуски. Справа от каждой строки указано её обоснование.",
)
SHEET_COMMENT = Text(
    r"Replace every \blank{{…}} by a right-hand side in LaTeX, then:  chainrule verify FILE --spec {spec}",
    r"Замените каждый \blank{{…}} правой частью в LaTeX, затем:  chainrule verify ФАЙЛ --spec {spec}",
)
UNCONFIRMED = Text(
    "These lines verify does not read as they are meant, even in the key: {numbers}; the others it marks.",
    "Эти строки verify читает не так, как они задуманы, даже в ответах: {numbers}; остальные проверяются.",
)
NAME_LINE = Text("Name", "Фамилия")
