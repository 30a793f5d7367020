"""What the notation of derivations leaves open: one table, printed as documentation and asked by the code.

Each entry is a point at which people differ.  The grammar asks ``cursor.choose(name)``, the elaboration
``work.other(name)``; both note that the point made a difference.  A line is refuted only when every admissible
reading of it is; one that is true only in a reading that nobody means is refuted, with that said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from symbolic.words import Text


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A point of the notation, its usual reading, the other one, and who writes so."""

    name: str
    written: str
    usual: str
    other: str
    who: str
    #: What is said where the other reading was taken.
    said: Text
    #: One choice for the whole text: two lines that need opposite ones contradict each other.
    document: bool = False
    #: Nobody means the other reading: a line that needs it is wrong.
    unusual: bool = False


def _said(en: str, ru: str) -> Text:
    return Text(en, ru)


AMBIGUITIES: tuple[Ambiguity, ...] = (
    # how far a sign reaches
    Ambiguity("operand", "∂/∂p u v", "(∂u/∂p) v", "∂(u v)/∂p", "courses that write ∂/∂p before everything",
              _said("∂/∂ acts on all that follows", "∂/∂ действует на всё, что стоит за ним")),
    Ambiguity("scope", "∂/∂w f(w) g(w), w a variable of the model", "∂(f g)/∂w", "(∂f/∂w) g", "nobody: a slip",
              _said("∂/∂ acts on the first factor alone", "∂/∂ действует только на первый множитель"), unusual=True),
    Ambiguity("argument", "sin x y", "sin(x) y", "sin(x y)", "handwritten notes",
              _said("a function without brackets takes all letters that follow",
                    "функция без скобок берёт все буквы за ней")),
    Ambiguity("trace", "tr(A) B", "the trace of A, times B", "the trace of A B", "books on matrix differentials",
              _said("tr takes the whole product behind it", "tr берёт всё произведение за ним")),
    Ambiguity("slope", "σ' w, σ a function", "σ' where the model takes σ, times w", "σ'(w)", "courses in Russian",
              _said("a prime without brackets is taken at what follows",
                    "штрих без скобок берётся от того, что за ним")),
    Ambiguity("sum", "Σ_i a_i + b_i", "(Σ_i a_i) + b_i", "Σ_i (a_i + b_i)", "lecture notes",
              _said("Σ reaches over the terms with its index", "Σ охватывает слагаемые со своим индексом")),
    Ambiguity("bar", "u v |_{w=0}", "u (v at w = 0)", "(u v) at w = 0", "calculus books",
              _said("the bar belongs to the whole product", "черта относится ко всему произведению")),
    Ambiguity("pair", "Σ_{i<j}", "over both", "over i alone", "statistics",
              _said("Σ runs over its first index alone", "Σ идёт только по первому индексу")),
    Ambiguity("turned", "∇ f^T h, f a value of the model", "∇(fᵀ h)", "(∇f)ᵀ h", "optimisation courses",
              _said("ᵀ behind ∇f transposes the gradient", "ᵀ за ∇f транспонирует градиент")),
    Ambiguity("reach_of_d", r"d \frac{a}{2} f", r"(d \frac{a}{2}) f", r"d(\frac{a}{2} f)", "courses with differentials",
              _said("d acts on the whole product behind it", "d действует на всё произведение за ним")),
    Ambiguity("power_of_d", "du^2", "d(u^2)", "(du)^2", "second differentials, in calculus books",
              _said("du² is the square of du", "du² — квадрат du")),
    # products
    Ambiguity("star", "u * v", "the product", "u ⊙ v", "people who think in code",
              _said("* is the product entry by entry", "* — поэлементное произведение")),
    Ambiguity("dot", "u · v", "the product", "the inner product", "physics",
              _said("· is the inner product", "· — скалярное произведение")),
    Ambiguity("tensor", "u ⊗ v", "u ⊙ v", "the outer product u vᵀ", "physics; papers on networks",
              _said("⊗ is the outer product", "⊗ — внешнее произведение")),
    Ambiguity("circle", "A u ⊙ v xᵀ", "(A u) ⊙ (v xᵀ)", "A (u ⊙ v) xᵀ", "matrix calculus notes",
              _said("⊙ binds tighter than the product", "⊙ связывает сильнее произведения")),
    Ambiguity("circle_left", "A u ⊙ v xᵀ", "(A u) ⊙ (v xᵀ)", "((A u) ⊙ v) xᵀ", "books on neural networks",
              _said("products and ⊙ are taken from left to right", "произведения и ⊙ берутся слева направо")),
    Ambiguity("ones", "A 1", "A times the number 1", "A times the vector of ones", "batches, in matrix form",
              _said("1 behind a matrix is the vector of ones", "1 за матрицей — вектор из единиц")),
    Ambiguity("call", "E(w), E a defined quantity", "E, whose argument is named", "E times w", "products with brackets",
              _said("brackets after a quantity are a factor", "скобки за величиной — множитель")),
    # powers
    Ambiguity("matrix_power", "H^2, H square", "H H", "every entry squared", "people who think in code",
              _said("a power of a matrix is taken entry by entry", "степень матрицы берётся поэлементно")),
    Ambiguity("bars", "|A|, A square", "the determinant", "the absolute value of every entry", "NumPy; L1 penalties",
              _said("bars take the absolute value of every entry", "черта — модуль каждого элемента")),
    Ambiguity("squared", "v^2, v a vector", "every entry squared", "‖v‖²", "physics, short notes",
              _said("the square of a vector is its squared length", "квадрат вектора — квадрат его длины")),
    Ambiguity("raised", "x^2, x a vector", "every entry squared", "the component x_2", "tensor notation",
              _said("numbers above a vector are components", "числа над вектором — номера компонент")),
    # quantities
    Ambiguity("list", "(p_1, …, p_K)ᵀ of numbers", "a column", "a row", "products of lists",
              _said("a transposed list of numbers is a row", "транспонированный список чисел — строка")),
    Ambiguity("circle_number", "2π beside π_k", "2 · 3.14…", "twice the vector of the π_k", "mixtures",
              _said("π is the vector of the numbers π_k", "π — вектор из чисел π_k")),
    Ambiguity("length", "V, a size and a matrix", "the matrix", "the number V", "language models",
              _said("the letter of a size is its number", "буква размера — число")),
    Ambiguity("identity", "λ I, I a size", "λ times the number I", "λ times the identity matrix", "recommender systems",
              _said("I is the identity matrix", "I — единичная матрица")),
    Ambiguity("column", "y - p outside Σ_i", "at one object", "the column over the sample", "matrix forms",
              _said("quantities without their sample index are columns over the sample",
                    "величины без индекса объекта — столбцы по выборке")),
    Ambiguity("total", "∂t/∂z by a value t depends on in several ways", "the other arguments held",
              "along every path", "total derivatives",
              _said("∂ follows every path", "∂ учитывает все пути")),
    Ambiguity("own_loss", "dz where J is a mean over m objects", "∂J/∂z", "m ∂J/∂z, of each object's own loss",
              "Coursera's deep learning courses",
              _said("dz is the slope of each object's own loss, without the 1/m",
                    "dz — производная потерь самого объекта, без 1/m"), document=True),
    Ambiguity("one_object", "dw in a model of many objects; ∂J/∂w behind “for one example”", "∂J/∂w",
              "the slope of one object's loss",
              "stochastic gradient descent, loops over examples",
              _said("the slope is that of the loss of one object", "производная берётся от потерь одного объекта")),
    Ambiguity("stack", "w_1 for all w_{1,j}", "the w_{1,j} are its rows", "they are its columns", "papers",
              _said("vectors are the columns of their matrix", "векторы — столбцы своей матрицы"), document=True),
    Ambiguity("lying", "W_j, one row of a matrix W", "a column", "the row as it lies: W_j x", "lectures on networks",
              _said("W_j is a row as it lies in W", "W_j — строка, как она лежит в W")),
    # layouts
    Ambiguity("layout", "∂a/∂x of vectors", "rows as in a (numerator)", "rows as in x (denominator)",
              "statistics, econometrics",
              _said("Jacobians have the rows of what is below the line", "строки якобиана — как у знаменателя"),
              document=True),
    Ambiguity("rows", "∂Q/∂w of a number by a vector", "the shape of w", "a row",
              "numerator layout; Stanford's notes; `convention row`",
              _said("gradients as rows", "градиенты — строки"), document=True),
    Ambiguity("shaped", "∂Q/∂W where gradients are rows", "transposed, as the numerator layout has it",
              "the shape of W", "Stanford's notes",
              _said("∂/∂W has the shape of W", "∂/∂W имеет форму W"), document=True),
    Ambiguity("spread", "A + b, b a vector", "no sum", "b is added to every row or column", "NumPy; batches",
              _said("the bias is added to every object", "сдвиг прибавляется к каждому объекту")),
    Ambiguity("orientation", "δ ⊙ h where δ is a row and h a column", "no product", "entry by entry, as a row",
              "notes with δ as rows",
              _said("⊙ does not tell rows from columns", "⊙ не различает строки и столбцы")),
)  # fmt: skip

BY_NAME = {ambiguity.name: ambiguity for ambiguity in AMBIGUITIES}
#: One choice for a whole text.
DOCUMENT = frozenset(a.name for a in AMBIGUITIES if a.document)
#: One choice for both sides of an '=', before the text has made its own.
ALIKE = frozenset({"own_loss"})
#: Readings that make no line true.
UNUSUAL = frozenset(a.name for a in AMBIGUITIES if a.unusual)


def in_words(names: Iterable[str]) -> tuple[Text, ...]:
    """What is said of the readings that were taken, in the order of the table."""
    taken = set(names)
    return tuple(ambiguity.said for ambiguity in AMBIGUITIES if ambiguity.name in taken)
