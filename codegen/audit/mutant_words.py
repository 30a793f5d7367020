"""What each kind of slip is called, and what is said of it."""

from __future__ import annotations

from fractions import Fraction

from symbolic.words import Text

#: The kinds of slips, in the order in which they are believed: what people do first.
KINDS = (
    "slope left out",
    "slope twice",
    "softmax diagonal",
    "slope elsewhere",
    "slope changed",
    "regularizer",
    "size",
    "sign",
    "factor",
    "samples",
    "error before",
    "value",
    "class",
    "transposed",
    "broadcast",
    "path",
    "updated",
    "term",
)
LEFT_OUT = Text("{f}′ of {z} is left out", "пропущена производная {f}′ в {z}")
LEFT_OUT_OF = Text(
    "{f}′ of {z} is left out in what comes through {user}", "пропущена производная {f}′ в {z} на пути через {user}"
)
TWICE = Text("{f}′ of {z} is a factor too many", "лишний множитель {f}′ в {z}")
TWICE_IN = Text("{f}′ of {z} is a factor too many in ∂Q/∂{a}", "лишний множитель {f}′ в {z} при вычислении ∂Q/∂{a}")
DIAGONAL = Text(
    "only the diagonal of the softmax's derivative is taken in {z}: each input moves every output",
    "в {z} взята только диагональ производной softmax: каждый вход влияет на все выходы",
)
DIAGONAL_OF = Text(
    "in ∂Q/∂{a}, of the sum over {m} its own term alone is taken: only the diagonal of the softmax's derivative",
    "в ∂Q/∂{a} от суммы по {m} взято только своё слагаемое: лишь диагональ производной softmax",
)
ELSEWHERE = Text("{f}′ of {z} is taken at {at} instead of {right}", "{f}′ в {z} взята в точке {at}, а не {right}")
SLOPE_IS = Text(
    "{f}′ of {z} is computed as {wrong} instead of {right}", "{f}′ в {z} вычислена как {wrong}, а не {right}"
)
NO_SLOPE = Text(
    "{f} itself stands for {f}′ of {z}: {wrong} is no derivative",
    "в {z} вместо {f}′ стоит сама {f}: {wrong} — не производная",
)
SLOPE_OF = Text(
    "{f}′ of {z} is computed as {g}′ is: {wrong} instead of {right}",
    "{f}′ в {z} вычислена как {g}′: {wrong}, а не {right}",
)
SIGN = Text("the sign of ∂Q/∂{a} is wrong", "неверный знак у ∂Q/∂{a}")
FACTOR = Text("∂Q/∂{a} has a factor {c} too many", "у ∂Q/∂{a} лишний множитель {c}")
TWO_MISSING = Text("∂Q/∂{a} lacks a factor 2", "у ∂Q/∂{a} не хватает множителя 2")
MEAN_MISSING = Text(
    "in ∂Q/∂{a} the sum over the sample stands for the mean: 1/N is missing",
    "в ∂Q/∂{a} вместо среднего по выборке стоит сумма: нет 1/N",
)
MEAN_TOO_MANY = Text(
    "in ∂Q/∂{a} a mean over the sample is taken too many: 1/N stands there once more than in Q",
    "в ∂Q/∂{a} лишнее усреднение по выборке: 1/N стоит лишний раз",
)
#: By what the regulariser's term is multiplied.
PENALTY: dict[int | Fraction, Text] = {
    0: Text("the regulariser's term is missing in ∂Q/∂{a}", "в ∂Q/∂{a} нет слагаемого регуляризатора"),
    Fraction(1, 2): Text(
        "the regulariser's term is halved in ∂Q/∂{a}", "в ∂Q/∂{a} слагаемое регуляризатора вдвое меньше"
    ),
    2: Text("the regulariser's term is doubled in ∂Q/∂{a}", "в ∂Q/∂{a} слагаемое регуляризатора вдвое больше"),
    -1: Text(
        "the regulariser's term has the wrong sign in ∂Q/∂{a}", "в ∂Q/∂{a} слагаемое регуляризатора с неверным знаком"
    ),
}
PENALTY_BIAS = Text("the biases are regularised, which they are not in Q", "сдвиги регуляризуются, а в Q этого нет")
PENALTY_OF_ONE_BIAS = Text("{b} is regularised, which it is not in Q", "{b} регуляризуется, а в Q этого нет")
PENALTY_N = Text(
    "the regulariser's term is divided by the number of samples in ∂Q/∂{a}",
    "в ∂Q/∂{a} слагаемое регуляризатора поделено на число объектов",
)
PENALTY_SUMMED = Text(
    "the regulariser's term is multiplied by the number of samples in ∂Q/∂{a}",
    "в ∂Q/∂{a} слагаемое регуляризатора умножено на число объектов",
)
BEFORE = Text(
    "∂Q/∂{a} is computed with ∂Q/∂{wrong} instead of ∂Q/∂{right}",
    "∂Q/∂{a} вычислена через ∂Q/∂{wrong}, а не ∂Q/∂{right}",
)
BEFORE_SLOPE = Text(
    "{f}′ of {z} is left out in ∂Q/∂{a}: it is computed with ∂Q/∂{wrong} instead of ∂Q/∂{right}",
    "в ∂Q/∂{a} пропущена производная {f}′ в {z}: взята ∂Q/∂{wrong}, а не ∂Q/∂{right}",
)
VALUE = Text("in ∂Q/∂{a}, {wrong} stands for {right}", "в ∂Q/∂{a} вместо {right} стоит {wrong}")
LATER = Text(
    "in ∂Q/∂{a}, the value after the step stands for the one before it ({wrong} for {right})",
    "в ∂Q/∂{a} вместо значения до шага стоит значение после него ({wrong} вместо {right})",
)
TRANSPOSED = Text("in ∂Q/∂{a}, {w} is transposed wrongly", "в ∂Q/∂{a} неверно транспонирована {w}")
ALL_TRANSPOSED = Text("in ∂Q/∂{a}, {w} are transposed wrongly", "в ∂Q/∂{a} неверно транспонированы {w}")
REVERSED = Text(
    "∂Q/∂{a} is reversed along {i}: the window is read the wrong way round",
    "∂Q/∂{a} перевёрнута по {i}: окно прочитано с конца",
)
REVERSED_IN = Text(
    "in ∂Q/∂{a}, {w} is read the wrong way round: the kernel is flipped",
    "в ∂Q/∂{a} {w} прочитана с конца: ядро перевёрнуто",
)
BROADCAST = Text(
    "(N, 1) − (N,) broadcasts to (N, N): every output is compared with every target",
    "(N, 1) − (N,) даёт (N, N): каждый выход сравнён с каждым ответом",
)
PATH = Text("in ∂Q/∂{a}, what comes through {user} is left out", "в ∂Q/∂{a} пропущен путь через {user}")
ONLY = Text(
    "∂Q/∂{a} holds what comes through {user} alone: = for +=", "в ∂Q/∂{a} остался только путь через {user}: = вместо +="
)
PATH_SIGN = Text(
    "in ∂Q/∂{a}, what comes through {user} has the wrong sign", "в ∂Q/∂{a} путь через {user} взят с неверным знаком"
)
TO_ALL = Text(
    "∂Q/∂{a}: the maximum passes its derivative on to all inputs, not to the greatest alone",
    "∂Q/∂{a}: максимум передаёт производную всем входам, а не одному наибольшему",
)
AS_MEAN = Text(
    "∂Q/∂{a}: the maximum is differentiated as a mean: each input gets an equal share",
    "∂Q/∂{a}: максимум продифференцирован как среднее: каждому входу досталась равная доля",
)
REPEATED = Text(
    "in ∂Q/∂{a}, equal numbers in {x} count once: W[{x}] += … adds the last of them alone, np.add.at adds all",
    "в ∂Q/∂{a} повторы в {x} учтены один раз: W[{x}] += … прибавляет только последний, np.add.at — все",
)
OVER_UNITS = Text(
    "∂Q/∂{a} is summed over the units too: one number stands for all entries",
    "∂Q/∂{a} просуммирована и по нейронам: одно число стоит вместо всех",
)
TERM_OF_UNIT = Text(
    "in ∂Q/∂{a}, what comes through unit {n} of the next layer is left out",
    "в ∂Q/∂{a} пропущен путь через нейрон {n} следующего слоя",
)
OTHER_ENTRY = Text(
    "∂Q/∂{a} is computed with what belongs to {i} = {wrong} instead of {i} = {right}",
    "∂Q/∂{a} вычислена по числам с {i} = {wrong}, а не {i} = {right}",
)
FIRST_STEP = Text(
    "∂Q/∂{a} holds what comes from the first step alone: = for += in the loop over the steps",
    "в ∂Q/∂{a} остался только первый шаг: = вместо += в цикле по шагам",
)
LAST_STEP = Text(
    "∂Q/∂{a} holds what comes from the last step alone: = for += in the loop over the steps",
    "в ∂Q/∂{a} остался только последний шаг: = вместо += в цикле по шагам",
)
LAST_UNIT = Text(
    "∂Q/∂{a} holds what comes through the last unit alone: = for += in the loop over the units",
    "в ∂Q/∂{a} остался только путь через последний нейрон: = вместо += в цикле по нейронам",
)
UPDATED = Text(
    "weights are used after they have been updated: {w} in ∂Q/∂{a}", "веса взяты уже обновлёнными: {w} в ∂Q/∂{a}"
)
GONE = Text("in ∂Q/∂{a}, {part} is missing: {wrong} stands for {right}", "в ∂Q/∂{a} нет {part}: {wrong} вместо {right}")
CHANGED = Text("∂Q/∂{a} is computed as {wrong} instead of {right}", "∂Q/∂{a} вычислена как {wrong}, а не {right}")
OF_CLASS = Text(
    "∂Q/∂{a} is computed as {wrong} instead of {right} {where}", "∂Q/∂{a} вычислена как {wrong}, а не {right}, {where}"
)
OF_RIGHT = Text("for the right class", "для верного класса")
OF_OTHERS = Text("for the other classes", "для остальных классов")
OF_ONE = Text("where y = 1", "где y = 1")
OF_ZERO = Text("where y = 0", "где y = 0")
TOGETHER = Text(", everywhere", ", везде")
ALONE = Text(", in the line of ∂Q/∂{a} alone", ", только в строке для ∂Q/∂{a}")
UNIT = Text(", for unit {n} alone", ", только у нейрона {n}")
