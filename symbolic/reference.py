"""The reference of what a person writes: specs, losses, activations, the header of a derivation.

``chainrule help TOPIC`` prints it and the rooms' READMEs hold it.  Formulas and slopes come from the catalogue and
from the calculus; keys and words are held against the schema and the header's readers by the tests, and so is every
example: it is loaded, or declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from symbolic.derivation.calculus import slope
from symbolic.language.functions import U
from symbolic.language.trees import KINDS
from symbolic.marking.ambiguities import AMBIGUITIES
from symbolic.network.catalogue import ACTIVATIONS, FUNCTIONS, LOSSES, REGULARIZERS
from symbolic.notation.unicode import unicode


@dataclass(frozen=True)
class Key:
    """One key of a spec: where it stands, what it says, and how it is written."""

    table: str
    name: str
    meaning: str
    example: str


#: In the order in which a spec is read.  ``<node>`` stands for the name of a node.
KEYS: tuple[Key, ...] = (
    Key("", "format", "The version of this language; 1, and assumed when absent.", "format = 1"),
    Key("", "name", "What the network is called; the name of the file where it is left out.", 'name = "my_network"'),
    Key("", "loss", "L(y, p): the name of a loss, or a formula in y and p; or L[i] = … over the whole network "
        "(a formula with subscripts is one, with L[i] = or without).",
        'loss = "(y - p)**2"'),
    Key("", "output", "The node compared with y; may be left out where one alone is unused; several as a list.",
        'output = "p"'),
    Key("", "reduction", 'Over the sample: "sum" (the lecture\'s, and the default) or "mean".', 'reduction = "mean"'),
    Key("", "regularizer", "R(w): a table, or a formula in one entry w.", "regularizer = { l2 = 0.01 }"),
    Key("", "parameters", "Parameters that no node has, of the loss or of the regulariser, and their axes.",
        'parameters = { c = ["D"] }'),
    Key("", "ranges", "How far an index of the loss runs that no axis tells, or where it ends before its axis does.",
        'ranges = { t = "T - 1" }'),
    Key("", "target", "What a loss L[i] = … compares with: names and widths; none where it names no target.",
        'target = { t = "K" }'),
    Key("", "inputs", "The inputs and their widths; several axes as a list; a table says which values they hold.",
        'inputs = { x = { width = "D", values = "positive" } }'),
    Key("", "nodes", "A table for each node: a layer, or a formula.", 'nodes.p = { inputs = ["x"], width = 1 }'),
    Key("", "constants", "The same for all samples: a number (a keyword of Objective and Trainer, Objective(tau=0.5), "
        "as the strength of a regularizer is, lambda_); a list of numbers; axes alone (data given later, "
        "with below and values as an input); or a formula of indices with its axes.",
        'constants = { tau = 0.9, c = [1.0, 2.0], m = { formula = "m[t,s] = [t >= s]", width = ["T", "T"] } }'),
    Key("", "sizes", "Numbers for the sizes that are letters, where nobody gives others.", "sizes = { D = 3 }"),
    Key("regularizer", "l1", "λ of λ Σ|w|, a number of at least 0.", "l1 = 0.01"),
    Key("regularizer", "l2", "λ of λ Σw², a number of at least 0.", "l2 = 0.01"),
    Key("regularizer", "formula", "A formula in one entry w.", 'formula = "0.1*w**4"'),
    Key("regularizer", "total", "R(w) as a whole, in index notation; bias says nothing of it.",
        'total = "0.1*Sum(w_p[d]**2, d)"'),
    Key("regularizer", "ranges", "How far an index of total runs that no axis tells.", 'ranges = { m = "M" }'),
    Key("regularizer", "bias", "Whether biases are regularised too; true by default.", "bias = false"),
    Key("regularizer", "of", "One parameter's own: l1, l2 or formula, in which Sum(w**2) is over its entries; "
        "the key of may be left out.", 'of.w_p = { l2 = 0.1 }'),
    Key("nodes.<node>", "inputs", "A layer: what it reads, z = h(w_zx·x + w_zy·y + b).", 'inputs = ["x"]'),
    Key("nodes.<node>", "width", "How many units: a number, a letter, or a list of axes.", 'width = "J"'),
    Key("nodes.<node>", "activation", "A name, a formula in u, or both as a table.", 'activation = "log(1 + u**2)"'),
    Key("nodes.<node>", "weights", "Names for its weights, one for each input; two nodes with one name share them.",
        'weights = ["w_1"]'),
    Key("nodes.<node>", "bias", "The fictitious input x₀ = 1; true by default.", "bias = false"),
    Key("nodes.<node>", "formula", "Instead of a layer: the node's formula in index notation; i is the sample.",
        'formula = "z[i,t] = tanh(Sum(w[u]*x[i,t+u], u) + b)"'),
    Key("nodes.<node>", "ranges", "How far an index runs that no axis tells; else, over its capital in [sizes].",
        'ranges = { u = "U" }'),
    Key("nodes.<node>", "parameters", "The axes of a parameter, where its subscripts do not tell.",
        'parameters = { w = ["U"] }'),
    Key("nodes.<node>", "padding", '"zero": what a formula reads outside of an axis is 0; refused by default.',
        'padding = "zero"'),
    Key("nodes.<node>", "start", "What is read before the first step of a node that is read at t-1, by itself too (or "
        "at t+1, after the last): a number, or the name of a parameter, an input or a node.",
        "start = 0"),
    Key("nodes.<node>.activation", "formula", "The formula in u.", 'formula = "u/(1 + exp(-u))"'),
    Key("nodes.<node>.activation", "name", "What the function is called in print and code.", 'name = "swish"'),
    Key("nodes.<node>.activation", "free", "A function that stays open, called so: derived, not emitted.",
        'free = "g"'),
    Key("inputs.<input>", "width", "As an input alone has it: a number, a letter, or a list of axes.", 'width = "T"'),
    Key("inputs.<input>", "below", "The values are whole numbers from 0, below this; they may stand as a subscript.",
        'below = "V"'),
    Key("inputs.<input>", "values", "binary, sign (−1 or 1), positive, probability, or onehot along the last axis.",
        'values = "binary"'),
    Key("blocks.<block>", "repeat", "How often its nodes stand in the network, one after another.", "repeat = 3"),
    Key("blocks.<block>", "nodes", "Its nodes: {l} is the number of the copy, from 1, and {l-1} the one before.",
        """nodes = { "h{l}" = { inputs = ["h{l-1}"], width = "J" } }"""),
)  # fmt: skip


@dataclass(frozen=True)
class Word:
    """A word that begins a line of the header, and a line that can stand in a header alone or after ``before``."""

    name: str
    meaning: str
    example: str
    before: tuple[str, ...] = ()


_SIZES = ("sizes N d J", "index i = 1..N sample", "index j = 1..J")

#: In the order in which a header is usually written.
WORDS: tuple[Word, ...] = (
    Word("sizes", "Letters for lengths; a number may be given.", "sizes N d J=4"),
    Word("index", "A letter that runs over a range; `sample` marks the one that counts the objects.",
         "index j, s = 1..J", ("sizes J",)),
    Word("data", "What is given and not differentiated by.", "data x_i : R^d", _SIZES),
    Word("param", "What the derivative is taken by.", "param w_{1,j} : R^d", _SIZES),
    Word("const", "A constant; with a value, if it has one.", r"const \lambda : positive"),
    Word("scalar", "A constant that is one number.", "scalar c : R"),
    Word("vector", "A constant vector.", "vector m : R^d", _SIZES),
    Word("matrix", "A constant matrix.", "matrix A : R^{J x d}", _SIZES),
    Word("func", "A function of one number: an activation's name, a formula in one letter, or `generic`; with a label "
         "or an index, functions of their own.", r"func \sigma = sigmoid"),
    Word("let", "A definition; later lines may use its name.", r"let z_j = w_{1,j}^T x_i",
         (*_SIZES, "data x_i : R^d", "param w_{1,j} : R^d")),
    Word("layers", "A letter that counts layers: each later line with a free l stands for one line per layer; "
         "L is 3 unless a number is given, here or as `sizes L=4`.  `sizes n_l` behind it declares n_0 too.",
         "layers l = 1..L"),
    Word("steps", "The same for steps of time, as in h_{t-1}; `0..T-1` where the first is x_0.", "steps t, k = 1..T"),
    Word("convention", "`row`: ∂Q/∂w is a row; `column`: it has the shape of w (the default); "
         "`einstein`: an index that stands twice in a product is summed over; `prime`: X' is the transpose; "
         "`padded`: what lies outside of a range is 0; `softmax by rows`: of a matrix it is that of each row; "
         "`unit`: e_k is 1 in its k-th entry.",
         "convention row"),
)  # fmt: skip

#: What may stand after the colon: each is a line that can be declared.
TYPES: Mapping[str, str] = {
    "R": "a real number",
    "R^d": "a vector of length d",
    "R^{J x d}": "a matrix of J rows and d columns",
    "binary": "0 or 1",
    "sign": "−1 or 1",
    "onehot^J": "a vector with one 1 and zeros beside it",
    "R^{1 x d}": "a row of length d",
    "class 1..J": "the number of a class, written y = k or p_y",
    "R^{J x J} symmetric": "a matrix that equals its transpose",
    "positive": "a number above 0; also behind another type",
    "probability": "a number between 0 and 1; also behind another type",
}


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _table(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [_row(*heading), _row(*("---" for _ in heading)), *(_row(*row) for row in rows)]


def spec() -> str:
    """Every key of a spec, by the table in which it stands."""
    lines = ["A spec is a TOML file, or the same as a dict.  A formula is read, never run."]
    for table in dict.fromkeys(key.table for key in KEYS):
        lines += ["", f"### {f'[{table}]' if table else 'At the top'}", ""]
        rows = ((f"`{k.name}`", k.meaning, f"`{k.example}`") for k in KEYS if k.table == table)
        lines += _table(("key", "what it says", "an example"), rows)
    lines += ["", "### In formulas", ""]
    lines += _table(("written", "read as"), FORMULA_WORDS.items())
    return "\n".join(lines)


#: What formulas are made of, beside numbers, brackets and + - * / **.
FORMULA_WORDS: Mapping[str, str] = {
    "`x[i,t+u]`, `x[i,T-1-t]`": "an entry; a subscript combines indices, sizes and whole numbers, counted from 0",
    "`z[i,t-1,k]`": "of a node with a start: what it was a step earlier, before the first step its start",
    "`E[tok[i,t],e]`, `c[y[i]+1]`": "the row of E that a whole number of the data says; it may be moved as an index is",
    "`Sum(w[u]*x[i,t+u], u)`": "a sum over u; several indices may follow",
    "`Mean(x[i,t], t)`, `Max(…)`, `Min(…)`, `Prod(…)`": "over an index as Sum is; of equal greatest values each counts",
    "`[s <= t]`, `[t == 2*s + u]`, `[k != j]`": "1 where indices compare so, else 0; with data too, `[tok[i,t] == v]`",
    "`Sum(a[n,j], n)/N`, `m[j] = Mean(a[n,j], n)`": "over all samples; a node without a sample's index is one for all",
    "`norm(a[i,k], k)`": "the root of the sum of squares over k",
    "`D(u[i], t[i])`": "how a value of a sample changes with its input; D may stand inside D",
    "`sin(t/T)`": "an index as a number, counted from 0",
    "`softmax(a[i,k], k)`": "exp(a) over the sum of exp(a) over k",
    "`where(u > 0, a, b)`": "a where the comparison holds, else b",
    "`[u > 0]`": "1 where the comparison holds, else 0",
    "`sqrt(u)`": "the square root",
    "`clip(u, a, b)`": "min(max(u, a), b)",
    ", ".join(f"`{name}`" for name in sorted({*FUNCTIONS} - {"generic"})): "functions of that name",
    "`generic(u)`": "the lecture's h, a function that stays open: derived, not emitted",
}


def losses() -> str:
    """Every loss and regulariser with its formula, and what a loss takes for granted about y."""
    rows = ((f"`{name}`", unicode(loss.formula), _FACTS[loss.fact or ""]) for name, loss in LOSSES.items())
    lines = _table(("loss", "L(y, p) of one output", "y"), rows)
    lines += ["", "A network sums over its outputs, then over the sample (`reduction`).", ""]
    lines += _table(
        ("regularizer", "of one entry w"), ((f"`{name}`", unicode(formula)) for name, formula in REGULARIZERS.items())
    )
    return "\n".join(lines)


_FACTS = {
    "": "any number",
    "binary": "0 or 1",
    "sums_to_one": "the outputs of a sample sum to 1",
    "sign": "−1 or 1",
}


def activations() -> str:
    """Every activation with its formula and its derivative, which is derived and written through its own value."""
    rows = []
    for name, function in ACTIVATIONS.items():
        if name == "generic":
            continue
        if function.body is None:  # a primitive carries its derivative
            rows.append((f"`{name}`", unicode(function(U)), unicode(function.partials[0])))
        else:
            rows.append((f"`{name}`", unicode(function.body), unicode(slope(function))))
    rows.append(("`identity`", "u", "1"))
    rows.append(("`softmax`", "exp(uₖ)/Σₘ exp(uₘ)", "over the units of the layer: pₖ(δₖₘ − pₘ)"))
    rows.append(("`generic`", "h(u)", "h′(u)"))
    return "\n".join(_table(("activation", "h(u)", "h′(u)"), rows))


def header() -> str:
    """Every word of the header of a hand derivation, and every type."""
    lines = ["Each line begins with `%!`.  A later line may use what an earlier one said.  `#` begins a remark.", ""]
    lines += _table(
        ("word", "what it says", "an example"), ((f"`{w.name}`", w.meaning, f"`%! {w.example}`") for w in WORDS)
    )
    lines += ["", "After the colon:", ""]
    lines += _table(("type", "what it is"), ((f"`{name}`", meaning) for name, meaning in TYPES.items()))
    lines += ["", *READINGS_SAID, ""]
    lines += _table(
        ("written", "usually", "or", "who writes so", "one choice for a text"),
        ((a.written, a.usual, a.other, a.who, "yes" if a.document else "") for a in AMBIGUITIES),
    )
    lines += LIMITS_SAID
    return "\n".join(lines)


READINGS_SAID = (
    "## Readings",
    "",
    "What a notation leaves open is read in every way that shapes and indices allow; a line is wrong when it is wrong",
    "in all of them.  Which reading was taken is said.  A reading that nobody means makes no line true.",
    "",
    "A text beside `--spec` may be in the network's letters, with the bias apart or as w_0, or in letters of its own.",
    "Then it is marked by what it says itself, and what it differentiates must be the network's objective: the",
    "network's data and parameters, each for one of the text's, transposed perhaps, are put in place of those, and",
    "both have the same values up to a constant.  What stands for what is said; of another network nothing is right.",
    "",
    "A file without a header is marked under a guessed one, which is shown.  Assumptions in words are taken:",
    "`Let $N = 100$`, `since $\\sum_k t_k = 1$`, `where $S$ is symmetric`.  One counts for its own sentence and",
    "for what follows; for what stands before it only where the sentence looks back (`here`, `we used`, `recall`).",
    "",
    "`X^{-1}`, `X^{-T}`, `\\det X` and `|X|` of a square X are the inverse, its transpose and the determinant, and are",
    "differentiated: $d(X^{-1}) = -X^{-1}\\,dX\\,X^{-1}$, $d\\det X = \\det X\\operatorname{tr}(X^{-1}dX)$.  `R_i`",
    "of an $R = \\sum_i \\dots$ over the sample is what the object i adds.  `w_{j0}` beside a `w_{ji}` is a name",
    "of its own.",
    "",
    "`A : B` is the sum of the products entry by entry, tr(AᵀB).  `(u)_+` is max(0, u).  In a text with",
    "`X'X` or `(y - Xb)'(…)`, a prime on a vector or matrix is the transpose, `\\mathbf 1'w` too.  A variance is",
    "`param \\sigma^2 : positive`; ∂/∂σ² is by the variance.  Under `convention einstein`, or where the text says that",
    "repeated indices are summed over, an index that stands twice in a product is.  The letter of `L = -\\ln y_c` that",
    "nothing runs over is the number of a class.  `… = a - y = \\varepsilon` names what stands before it.  Numbers are",
    "right when they are rounded from the exact ones, or from the rounded ones that the sheet has shown.",
    "",
    "A set under Σ, `(u,i) \\in R` or `i \\in N(u)`, is declared by its indicator, `data R_{ui} : binary`; `|N(u)|` is",
    "how many are in it.  `f(x_i)` of an f that was said with another letter, `f(X)`, is f at x_i.",
    "`K_{ij} = k(x_i, x_j)` of a kernel k that no line gives makes its values entries of a symmetric K; `q(s, a)`",
    "under Σ_s and Σ_a is q_{sa}.",
    "`∂R/∂w_{km} = δ_k z_m` of a δ that nobody declared says what δ_k is, if that does not depend on m.",
    "`[u_1, \\dots, u_V]` is the matrix of these columns, `(p_1, \\dots, p_K)` a column of numbers.  A loss that a",
    "text without a header differentiates and never says is any function of what its definitions end in.  Under a",
    "guessed header a line whose shapes do not fit is wrong only where each of its quantities stands in another line",
    "that fits.",
    "",
    "Words about symbols count: `f is the sigmoid`, `$\\phi = \\tanh$`, `b is a row of length C`, `the $p_i$ sum to",
    "one`, `$M$ (symmetric)`, `for a single example`, `when $L > 0$:` before a formula or a list,",
    "`first keep $b$ fixed`, `with exactly one 1 in each row`, `the biases are row vectors`.  In a text without a",
    "header what is thin beside bold ones of its letter is a number, `v_0` beside a bold v, and so is",
    "`$y_i \\in \\mathbb{R}$`.  The x of `x - x_i` is none of the objects; under a header it has to be declared.",
    "`h(x) = g(w^T x) = 1/(1 + e^{-w^T x})` says what g is, `o = f(\\text{net}) = f(w x)` what net is, and",
    "`D_{nn} = \\dots` that D is diagonal.  `w^{new} = w^{old} + \\dots` sets and claims nothing; so does",
    "`A : B = \\dots`, `V \\approx WH` in a sentence, `p_{ic} = p(c | x_i)` and `$\\dot z = f(z)$` beside steps z_k.",
    "`\\max_k` is over an index, ⊗ an outer product",
    "where shapes ask for it.  `from $t = T$ down to $t = 1$` claims nothing, `$f'(z) = 1$ for $z > 0$ and $0$",
    "otherwise` is a line with cases, and `$\\varphi(-u) = \\varphi(u)$` holds for any number u.",
    "",
    "Under `index n = …` a `data x(n)` says that `x(n)`, `w^T(n)` and `w(n+1)` have subscripts in brackets.",
    "`let \\ln L = …` says what L is.  `\\bar v = ∂L/∂v` of any v tells what bars are.  `\\delta_c` beside δ and x_c",
    "whose c is a label is the other object's.  I beside a size I may be the identity.  `\\eqalign{… \\cr}` is read.",
    "",
    "Where a gradient vanishes, a letter that is called a multiplier, or solved for beside the word, has its",
    "constraint hold too; what is made of others may be solved for, as the best $D_i$ of a $D_i = \\sigma(a_i)$.",
    "",
    "Through steps of time or layers, `\\frac{\\partial^+ h_k}{\\partial w}` holds what the step before has left",
    "fixed; a Σ or Π from k+1 to t may have a letter of its own.  Of a network with a recurrence, s_0 is the start,",
    "s_T the last step, and a line with E_{t+1} speaks of the steps that have one after.",
)


LIMITS_SAID = (
    "",
    "## Limits",
    "",
    "A text has at most 150 000 characters and 1500 formulas, one formula 3000 signs, a line of the header 4000",
    "characters, a name four primes. Work is counted in steps, not in seconds, so a text gets one answer on every",
    "machine: what would take too many is `not understood`, and that is said. Sizes above 16 are drawn small.",
)


#: What `chainrule derive --format json` says of one derivation, by key; steps and lemmas are nested.
DERIVATION_KEYS: Mapping[str, str] = {
    "`id`": "what is derived and how, `e:w_1/chain`; of a step with its number behind it, `e:w_1/chain/3`",
    "`wrt`, `form`": "the parameter or the value, and the form",
    "`goal`, `result`": "the left side and the last line, each as `latex`, `text` and `tree`",
    "`steps`": "the lines: `rule` in words, `key` (the same in both languages), `because`; `before` became `after`, "
    "`line` is all that now stands right of =; `evidence` of the step; `substeps`, the single rules inside",
    "`equations`": "the definitions: `id`, `latex`, and the trees of `target` and `formula`",
    "`lemmas`": "what was derived beforehand, each as a derivation",
    "`remarks`": "conventions at kinks, and the like",
    "`evidence`": "how many steps were proved, and what SymPy's own derivative says",
}


def derivation() -> str:
    """The JSON of a derivation: its keys, its identifiers, and the nodes of a formula's tree."""
    lines = _table(("key", "what it says"), DERIVATION_KEYS.items())
    lines += [
        "",
        "A quantity has one key in every medium: `v:z` is the value z, `e:z` its error ∂Q/∂z or, of a parameter, its",
        "gradient.  Equations, steps, nodes of a drawing and lines of code carry it in the page (`data-key`) too.",
        "",
    ]
    lines += _table(("node", "what it is"), ((f"`{kind.name}`", kind.meaning) for kind in KINDS.values()))
    return "\n".join(lines)


#: What ``chainrule help`` can be asked.
TOPICS: Mapping[str, Callable[[], str]] = {
    "spec": spec,
    "losses": losses,
    "activations": activations,
    "header": header,
    "derivation": derivation,
}
