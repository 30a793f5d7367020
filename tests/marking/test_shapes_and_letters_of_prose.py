r"""What prose tells of letters: founts, what is a number, rows and columns, points that are none of the objects."""

import pytest
from right_and_slip import assert_right_and_slip

from symbolic.marking import verify_text

TEXTS = {
    "rows of an embedding, picked by words": (
        r"""Let $C\in\mathbb{R}^{V\times m}$ hold the vectors of the words, $u_s$ the number of the $s$-th word and
$q=\frac1S\sum_{s=1}^S C_{u_s}$. The score is $f=a^\top q$ and $L=\frac12(f-t)^2$.
\[ \frac{\partial L}{\partial a}=(f-t)\,q,\quad \frac{\partial L}{\partial q}=(f-t)\,a \]
\[ \frac{\partial L}{\partial C_k}=\frac{f-t}{S}\sum_{s=1}^S\mathbb{1}[u_s=k]\,a \]""",
        (r"\frac{f-t}{S}", r"\frac{t-f}{S}"),
        6,
    ),
    "a point beside the objects": (
        r"""We have examples $(u_1, v_1), \dots, (u_n, v_n)$ of numbers, and predict at $u$
$$g = \sum_{i=1}^n k_i v_i, \qquad k_i = \exp(-\tfrac{c}{2} (u - u_i)^2).$$
With the loss $L = (g - v)^2$,
$$\frac{\partial L}{\partial c} = -(g - v) \sum_{i=1}^n v_i k_i (u - u_i)^2.$$""",
        (r"k_i (u - u_i)^2.$$", r"k_i (u - u_i).$$"),
        4,
    ),
    "thin letters beside bold ones of the same letter": (
        r"""$\mathbf{u}_n = \tanh(\mathbf{A}\mathbf{x}_n + \mathbf{a})$, $f_n = \mathbf{v}^\top\mathbf{u}_n + v_0$ with
$\mathbf{x}_n\in\mathbb{R}^D$, $t_n\in\mathbb{R}$, and
$$E = \frac1N\sum_{n=1}^N (f_n - t_n)^2.$$
$$\frac{\partial E}{\partial f_n} = \frac2N (f_n - t_n), \qquad
\frac{\partial E}{\partial v_0} = \frac2N\sum_n (f_n - t_n)$$
$$\frac{\partial E}{\partial \mathbf{v}} = \frac2N\sum_{n=1}^N (f_n - t_n)\,\mathbf{u}_n$$""",
        (r"(f_n - t_n)\,\mathbf{u}_n", r"(t_n - f_n)\,\mathbf{u}_n"),
        6,
    ),
    "a threshold of its own": (
        r"""Let $x_i\in\mathbb{R}^d$, $y_i\in\{-1,1\}$, and for $w\in\mathbb{R}^d$ and $w_0\in\mathbb{R}$
\[ Q = \sum_{i=1}^m e^{-m_i}, \qquad m_i = y_i(\langle w, x_i\rangle - w_0). \]
\[ \frac{\partial Q}{\partial w} = -\sum_{i=1}^m e^{-m_i} y_i x_i, \qquad
\frac{\partial Q}{\partial w_0} = \sum_{i=1}^m e^{-m_i} y_i. \]""",
        (r"= \sum_{i=1}^m e^{-m_i} y_i.", r"= -\sum_{i=1}^m e^{-m_i} y_i."),
        4,
    ),
    "objects in the columns, a bias for one output": (
        r"""The columns of $X=[x^{(1)},\dots,x^{(m)}]\in\mathbb{R}^{d\times m}$ are examples,
$Y\in\mathbb{R}^{1\times m}$.
$U^{[1]}\in\mathbb{R}^{h\times d}$, $U^{[2]}\in\mathbb{R}^{1\times h}$, and $b^{[1]}$, $b^{[2]}$ are biases.
$$Z^{[1]}=U^{[1]}X+b^{[1]},\quad A^{[1]}=\tanh(Z^{[1]}),\quad Z^{[2]}=U^{[2]}A^{[1]}+b^{[2]}$$
$$J=\|Z^{[2]}-Y\|_F^2$$
$$\frac{\partial J}{\partial Z^{[2]}}=2(Z^{[2]}-Y),\quad \frac{\partial J}{\partial U^{[2]}}=2(Z^{[2]}-Y)A^{[1]\top}$$
$$\frac{\partial J}{\partial b^{[2]}}=2\sum_{i=1}^m (z^{[2](i)}-y^{(i)})$$""",
        (r"Y)A^{[1]\top}", r"Y)A^{[1]}"),
        7,
    ),
    "one line for all steps that the others number": (
        r"""$a_1 = Ux_1$, $s_1=\tanh(a_1)$, $a_2 = Ux_2+Vs_1$, $s_2=\tanh(a_2)$ with $x_1, x_2\in\mathbb{R}^d$,
$f = c^\top s_2$ and $\ell = (f-t)^2$. Write $\delta_k=\frac{\partial\ell}{\partial a_k}$.
$$\delta_2 = 2(f-t)\,c\odot(1-s_2^2)$$
$$\delta_1 = (V^\top\delta_2)\odot(1-s_1^2)$$
$$\frac{\partial\ell}{\partial U} = \delta_1x_1^\top+\delta_2x_2^\top$$""",
        (r"\odot(1-s_1^2)", r"\odot(1-s_2^2)"),
        9,
    ),
    "numbers that are 0 on the diagonal": (
        r"""Let $n_{ij}$ be how often $i$ meets $j$, where $n_{ii}=0$, and
\[ F(\theta) = \sum_{i=1}^m\sum_{j=1}^m n_{ij}\,(\theta_i-\theta_j)^2 . \]
Let $M_{ij} = n_{ij}+n_{ji}$ and $N_i=\sum_j M_{ij}$. Then
\[ \frac{\partial F}{\partial\theta_i} = 2\sum_{j\ne i} M_{ij}(\theta_i-\theta_j)
= 2 N_i\theta_i - 2\sum_{j\ne i} M_{ij}\theta_j . \]""",
        (r"- 2\sum_{j\ne i} M_{ij}\theta_j", r"- \sum_{j\ne i} M_{ij}\theta_j"),
        6,
    ),
    "rows of objects, and a function without its parameter": (
        r"""With $x_0=1$ and $\theta\in\mathbb{R}^{n+1}$ the hypothesis is $h_\theta(x)=\theta^Tx$, and
\[ J(\theta)=\frac12\sum_{i=1}^m (h_\theta(x^{(i)})-y^{(i)})^2 . \]
Let $X\in\mathbb{R}^{m\times(n+1)}$ have the rows $(x^{(i)})^T$ and let $h\in\mathbb{R}^m$ be the vector of
the $h_\theta(x^{(i)})$.
\[ \nabla_\theta J(\theta) = X^T(h-\vec{y}) \]""",
        (r"X^T(h-\vec{y})", r"X^T(\vec{y}-h)"),
        4,
    ),
    "what stands along dots has no letter": (
        r"""$\mathbf{x}_i\in\mathbb{R}^p$, $i=1,\dots,n$, $\eta_i=\mathbf{x}_i^\top\boldsymbol\beta$,
$\mu_i=e^{\eta_i}$ and
\[ f = \sum_{i=1}^n(\mu_i-y_i\eta_i). \]
\[ \frac{\partial f}{\partial\beta_j} = \sum_{i=1}^n(\mu_i-y_i)x_{ij},\qquad j=1,\dots,p \]
With the $n\times p$ matrix $\mathbf{X}$ of the rows $\mathbf{x}_i^\top$
and $\boldsymbol\mu=(\mu_1,\dots,\mu_n)^\top$ that is
\[ \nabla_{\boldsymbol\beta} f=\mathbf{X}^\top(\boldsymbol\mu-\mathbf{y}) . \]
\[ \frac{\partial^2f}{\partial\beta_j\partial\beta_k} = \sum_{i=1}^n\mu_i x_{ij}x_{ik} \]""",
        (r"\mu_i x_{ij}x_{ik}", r"(\mu_i - y_i) x_{ij}x_{ik}"),
        7,
    ),
    "another name for a value, told aside": (
        r"""$\mathbf{u}_n=\tanh(\mathbf{A}\mathbf{x}_n)$ and $s_n=\mathbf{r}^\top\mathbf{u}_n$,
i.e. $s_n=\log\sigma_n^2$.
\[ L=\sum_{n=1}^N\left[\frac12e^{-s_n}y_n^2+\frac12s_n\right] \]
\[ \frac{\partial L}{\partial s_n}=\frac12\left(1-e^{-s_n}y_n^2\right) \]""",
        (r"\left(1-e", r"\left(1+e"),
        5,
    ),
    "the labels of a matrix": (
        r"""$Y\in\{0,1\}^{N\times C}$ holds the one-hot labels, $X\in\mathbb{R}^{N\times D}$ the examples as rows.
\[ S = XW,\qquad P=\mathrm{softmax}(S)\ \text{(row by row)},\qquad L=-\sum_{n=1}^N\sum_{c=1}^C Y_{nc}\log P_{nc} \]
\[ \frac{\partial L}{\partial S}=P-Y,\qquad \frac{\partial L}{\partial W}=X^\top(P-Y) \]""",
        (r"X^\top(P-Y)", r"X^\top(Y-P)"),
        5,
    ),
    "a new variable, one for one": (
        r"""Let $L=\frac{a}{s^2}+\ln s$ with $s>0$. Then
\[ \frac{\partial L}{\partial s}=\frac1s-\frac{2a}{s^3}. \]
Put $\rho=\ln s$. Then
\[ \frac{\partial L}{\partial\rho}=s\frac{\partial L}{\partial s}=1-\frac{2a}{s^2}. \]""",
        (r"=s\frac", r"=\frac1s\frac"),
        4,
    ),
    "a matrix that another is the inverse of": (
        r"""For $z_1,\dots,z_N\in\mathbb{R}^d$ and $\Lambda=\Sigma^{-1}$, with a symmetric $\Sigma$,
\[ \ell=\frac N2\ln|\Lambda|-\frac12\sum_{n=1}^N\mathrm{tr}(z_nz_n^T\Lambda) \]
\[ \frac{\partial\ell}{\partial\Lambda}=\frac N2\Lambda^{-1}-\frac12\sum_{n=1}^Nz_nz_n^T \]
Equating this to zero gives
\[ \Sigma=\frac1N\sum_{n=1}^Nz_nz_n^T. \]""",
        (r"\Sigma=\frac1N", r"\Sigma=\frac2N"),
        4,
    ),
    "a covariance around the mean that was found": (
        r"""$y_1,\dots,y_m\in\mathbb{R}^k$, a mean $c$ and a symmetric $S$:
\[ F = -\frac m2\log|S|-\frac12\sum_{i=1}^m(y_i-c)^\top S^{-1}(y_i-c) \]
\[ \frac{\partial F}{\partial c}=\sum_iS^{-1}(y_i-c) \]
\[ \frac{\partial F}{\partial S}=-\frac m2S^{-1}+\frac12S^{-1}\Bigl(\sum_i(y_i-c)(y_i-c)^\top\Bigr)S^{-1} \]
Setting both to zero,
\[ c=\frac1m\sum_iy_i,\qquad S=\frac1m\sum_i(y_i-c)(y_i-c)^\top. \]""",
        (r"S=\frac1m\sum", r"S=\sum"),
        5,
    ),
    "variables that are kept": (
        r"""$a=Vx+c$, $f=u^\top\tanh(a)$ and $L=\frac12(f-t)^2$ for $x\in\mathbb{R}^d$, $V\in\mathbb{R}^{k\times d}$.
\[ da=dV\,x+dc \]
First keep $c$ and $u$ fixed, so that $da=dV\,x$ and
\[ dL=(f-t)\,u^\top\bigl((1-\tanh^2(a))\odot(dV\,x)\bigr). \]
\[ \frac{\partial L}{\partial V}=(f-t)\bigl(u\odot(1-\tanh^2(a))\bigr)x^\top \]""",
        (r"(f-t)\bigl(u", r"(t-f)\bigl(u"),
        7,
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_right_text_is_correct_and_its_slip_is_found_at_its_line(name: str) -> None:
    assert_right_and_slip(*TEXTS[name])


def test_under_a_header_a_point_beside_the_objects_has_to_be_declared() -> None:
    header = "%! sizes n\n%! index i = 1..n sample\n%! data u_i : R\n%! data v_i : R\n%! param c : R\n"
    text = r"""$$g = \sum_{i=1}^n k_i v_i, \qquad k_i = \exp(-\tfrac{c}{2} (u - u_i)^2)$$
$$\frac{\partial g}{\partial c} = -\frac12 \sum_{i=1}^n v_i k_i (u - u_i)$$"""
    marking = verify_text(header + text)
    assert marking.verdict == "not understood"
    marking = verify_text(header + r"$$\frac{\partial (u - u_i)^2}{\partial u_i} = -2(u - u_i)$$")
    assert "none of the objects" in marking.lines[0].note.en
    assert verify_text(header + "%! data u : R\n" + text).verdict == "wrong"
