"""The rules of the calculus: a name and a law each, in textbook order.

A rule is only named here; ``symbolic.derivation.calculus`` applies it, one derivative at a time, and every
application becomes a step that cites the rule and is checked on its own (``symbolic.evidence.evidence``).
"""

from __future__ import annotations

from dataclasses import dataclass

from symbolic.words import Text


@dataclass(frozen=True, slots=True, repr=False)
class Rule:
    """A rule with its law, in LaTeX and in Unicode."""

    key: str
    name: Text
    statement: str
    plain: str

    def __str__(self) -> str:
        return str(self.name)

    def __repr__(self) -> str:
        return f"<Rule {self.key}: {self.plain}>"


RULES: dict[str, Rule] = {}


def _rule(key: str, en: str, ru: str, statement: str, plain: str) -> Rule:
    RULES[key] = Rule(key, Text(en, ru), statement, plain)
    return RULES[key]


DEFINITION = _rule(
    "definition",
    "definition",
    "определение",
    r"\alpha = f(\beta, \gamma, \dots)",
    "α = f(β, γ, …)",
)
INDEPENDENT = _rule(
    "independent",
    "independent of the variable",
    "не зависит от переменной",
    r"\frac{\partial c}{\partial x} = 0",
    "∂c/∂x = 0",
)
IDENTITY = _rule(
    "identity",
    "derivative of the variable itself",
    "производная самой переменной",
    r"\frac{\partial x_j}{\partial x_k} = \delta_{jk}",
    "∂xⱼ/∂xₖ = δⱼₖ",
)
SUM = _rule(
    "sum",
    "sum rule",
    "производная суммы",
    r"\frac{\partial}{\partial x} \sum_i u_i = \sum_i \frac{\partial u_i}{\partial x}",
    "∂(Σ uᵢ)/∂x = Σ ∂uᵢ/∂x",
)
CONSTANT_FACTOR = _rule(
    "constant factor",
    "constant factor",
    "постоянный множитель",
    r"\frac{\partial (c\,u)}{\partial x} = c\,\frac{\partial u}{\partial x}",
    "∂(c u)/∂x = c ∂u/∂x",
)
PRODUCT = _rule(
    "product",
    "product rule",
    "производная произведения",
    r"\frac{\partial (u v)}{\partial x} = \frac{\partial u}{\partial x} v + u \frac{\partial v}{\partial x}",
    "∂(u v)/∂x = ∂u/∂x · v + u · ∂v/∂x",
)
QUOTIENT = _rule(
    "quotient",
    "quotient rule",
    "производная частного",
    r"\frac{\partial}{\partial x} \frac{u}{v}"
    r" = \frac{\frac{\partial u}{\partial x} v - u \frac{\partial v}{\partial x}}{v^2}",
    "∂(u/v)/∂x = (∂u/∂x · v − u · ∂v/∂x)/v²",
)
POWER = _rule(
    "power",
    "power rule",
    "производная степени",
    r"\frac{\partial u^n}{\partial x} = n u^{n-1} \frac{\partial u}{\partial x}",
    "∂uⁿ/∂x = n uⁿ⁻¹ ∂u/∂x",
)
CHAIN = _rule(
    "chain",
    "derivative of a composition",
    "производная композиции функций",
    r"\frac{\partial f(g(x))}{\partial x} = \frac{\partial f}{\partial g}(g(x)) \frac{\partial g}{\partial x}(x)",
    "∂f(g(x))/∂x = ∂f/∂g(g(x)) · ∂g/∂x(x)",
)
CHAIN_MANY = _rule(
    "chain, several inputs",
    "derivative of a composition, several inputs",
    "производная композиции, несколько аргументов",
    r"\frac{\partial f(g_1, g_2, \dots)}{\partial x}"
    r" = \sum_s \frac{\partial f}{\partial g_s} \frac{\partial g_s}{\partial x}",
    "∂f(g₁, g₂, …)/∂x = Σₛ ∂f/∂gₛ · ∂gₛ/∂x",
)
CASES = _rule(
    "cases",
    "derivative case by case",
    "производная по случаям",
    r"\frac{\partial f}{\partial x}"
    r" = \begin{cases} \partial u / \partial x & f = u \\ \partial v / \partial x & f = v \end{cases}",
    "∂f/∂x = {∂u/∂x if f = u; ∂v/∂x if f = v}",
)
PIECEWISE_CONSTANT = _rule(
    "piecewise constant",
    "constant between its jumps",
    "постоянна между скачками",
    r"\frac{\partial [u > v]}{\partial x} = 0 \quad (u \ne v)",
    "∂[u > v]/∂x = 0 (u ≠ v)",
)
MAXIMUM = _rule(
    "maximum",
    "derivative of a maximum",
    "производная максимума",
    r"\frac{\partial}{\partial x} \max_i u_i = \frac{\partial u_m}{\partial x}, \quad u_m = \max_i u_i",
    "∂(max uᵢ)/∂x = ∂uₘ/∂x,  uₘ = max uᵢ",
)
LONG_PRODUCT = _rule(
    "product of many",
    "derivative of a product of many factors",
    "производная произведения многих множителей",
    r"\frac{\partial}{\partial x} \prod_i u_i = \sum_i \frac{\partial u_i}{\partial x} \prod_{s \ne i} u_s",
    "∂(Π uᵢ)/∂x = Σᵢ ∂uᵢ/∂x · Π_{s≠i} uₛ",
)
LINEAR_FORM = _rule(
    "linear form",
    "derivative of a linear form",
    "производная линейной формы",
    r"\frac{\partial (w^T x)}{\partial w} = x",
    "∂(wᵀx)/∂w = x",
)
FUNCTION = _rule(
    "function",
    "derivative of the activation",
    "производная функции активации",
    r"\frac{\partial f(g(x))}{\partial x} = f'(g(x)) \frac{\partial g}{\partial x}(x)",
    "∂f(g(x))/∂x = f′(g(x)) · ∂g/∂x(x)",
)
_BY_NAME: dict[str, Rule] = {
    name: _rule(
        name,
        en,
        ru,
        rf"\frac{{\partial {tex}}}{{\partial x}} = {slope} \frac{{\partial u}}{{\partial x}}",
        f"∂{plain}/∂x = {shown} · ∂u/∂x",
    )
    for name, en, ru, tex, slope, plain, shown in (
        ("exp", "derivative of the exponential", "производная экспоненты", "e^u", "e^u", "eᵘ", "eᵘ"),
        ("log", "derivative of the logarithm", "производная логарифма", r"\ln(u)", r"\frac{1}{u}", "ln(u)", "1/u"),
        ("sin", "derivative of the sine", "производная синуса", r"\sin(u)", r"\cos(u)", "sin(u)", "cos(u)"),
        ("cos", "derivative of the cosine", "производная косинуса", r"\cos(u)", r"(-\sin(u))", "cos(u)", "(−sin(u))"),
    )
}


def of_function(name: str) -> Rule:
    """The rule that differentiates the function of that name; any other is a composition."""
    return _BY_NAME.get(name, CHAIN)


SOFTMAX = _rule(
    "softmax",
    "derivative of softmax",
    "производная softmax",
    r"\frac{\partial p_s}{\partial a_k} = p_s (\delta_{sk} - p_k)",
    "∂pₛ/∂aₖ = pₛ (δₛₖ − pₖ)",
)
DEVIATIONS = _rule(
    "deviations",
    "deviations from a mean add up to 0",
    "сумма отклонений от среднего равна нулю",
    r"\sum_j (z_j - m) = 0, \quad m = \frac{1}{J} \sum_j z_j",
    "Σⱼ (zⱼ − m) = 0,  m = 1/J · Σⱼ zⱼ",
)
DELTA = _rule(
    "delta",
    "collapse of a Kronecker delta",
    "свёртка с символом Кронекера",
    r"\sum_s \delta_{sj} u_s = u_j",
    "Σₛ δₛⱼ uₛ = uⱼ",
)
INDEPENDENT_TERMS = _rule(
    "independent terms",
    "terms that do not depend on the variable vanish",
    "слагаемые, не зависящие от переменной, равны нулю",
    r"\frac{\partial z_s}{\partial w_j} = 0, \quad s \ne j",
    "∂zₛ/∂wⱼ = 0,  s ≠ j",
)
REGROUP = _rule(
    "regroup",
    "regrouping",
    "перегруппировка",
    r"u v = v u,\quad u(v + w) = uv + uw",
    "u v = v u,  u(v + w) = u v + u w",
)
CANCEL = _rule(
    "cancel",
    "cancelling",
    "сокращение",
    r"\frac{u v}{v} = u, \quad u + v - v = u",
    "u v/v = u,  u + v − v = u",
)
OWN_VALUE = _rule(
    "own value",
    "written through the function's own value",
    "выражение через значение самой функции",
    r"f'(u) = g(f(u))",
    "f′(u) = g(f(u))",
)
FACT = _rule(
    "fact",
    "known of the data",
    "известно о данных",
    r"\sum_k y_{ik} = 1",
    "Σₖ yᵢₖ = 1",
)
ADJOINT = _rule(
    "adjoint",
    "backpropagation of the error",
    "обратное распространение ошибки",
    r"E_\alpha = \frac{\partial Q}{\partial \alpha}"
    r" = \sum_{\beta} E_\beta \frac{\partial \beta}{\partial \alpha}",
    "E_α = ∂Q/∂α = Σ_β E_β ∂β/∂α",
)
PARAMETER = _rule(
    "parameter",
    "gradient by a parameter",
    "градиент по параметру",
    r"\frac{\partial Q}{\partial w_\alpha} = E_\alpha \frac{\partial \alpha}{\partial w_\alpha}",
    "∂Q/∂w_α = E_α ∂α/∂w_α",
)
SUBSTITUTION = _rule(
    "substitution",
    "substitution",
    "подстановка",
    r"\alpha = f(\beta) \Rightarrow g(\alpha) = g(f(\beta))",
    "α = f(β) ⇒ g(α) = g(f(β))",
)
MATRIX = _rule(
    "matrix form",
    "matrix form over the sample",
    "матричная запись по выборке",
    r"\sum_i E_{ij} x_{ik} = (E^T X)_{jk}",
    "Σᵢ Eᵢⱼ xᵢₖ = (EᵀX)ⱼₖ",
)
