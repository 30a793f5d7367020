# ruff: noqa: E501 (formulas stand as people write them)
r"""Texts about differentials, losses without a formula, and what holds where a gradient vanishes, with slips.

Each text is right; with one place changed it is wrong at the line that is named.
"""

from __future__ import annotations

#: The text; and what is changed in it: old, new, the line that is wrong then.
TEXTS: dict[str, tuple[str, tuple[tuple[str, str, int], ...]]] = {
    "dq by a residual that the text defines": (
        r"""%! sizes n
%! param u : R^n
%! data t : R^n
%! matrix M : R^{n x n}
Put $r = Mu - t$ and $q = r^T r$. For any change of $r$,
\[ dq = 2 r^T dr. \]
With $h = \ln(1 + q)$ we get
\[ dh = \frac{dq}{1 + q} = \frac{2 r^T dr}{1 + q}. \]""",
        (
            (r"dq = 2 r^T dr", r"dq = -2 r^T dr", 6),
            (r"\frac{2 r^T dr}{1 + q}", r"\frac{2 r^T dr}{1 + q^2}", 8),
        ),
    ),
    "dp of what the text defines, without a header": (
        r"""Let $p = \sigma(s)$ with $s = w^\top x + b$ and $\ell = -y \ln p - (1-y)\ln(1-p)$. Then
$$ dp = p(1-p)\,ds, \qquad d\ell = \frac{p - y}{p(1-p)}\, dp = (p - y)\, ds, $$
and since $ds = x^\top dw + db$,
$$ d\ell = (p-y)\,x^\top dw + (p-y)\,db. $$""",
        (
            (r"(p - y)\, ds", r"(y - p)\, ds", 2),
            (r"dp = p(1-p)", r"dp = (1-p)", 2),
        ),
    ),
    "dS and dF of a regression": (
        r"""Student regression. Let $e = Xw - y$ and $S = \|e\|^2$, $F = \frac{\nu}{2}\ln S$.
\[ dS = 2 e^\top de, \qquad dF = \frac{\nu}{2S}\, dS = \frac{\nu}{S} e^\top de \]
\[ de = X\, dw, \quad dF = \frac{\nu}{S} e^\top X\, dw \]
\[ \nabla F = \frac{\nu}{S} X^\top e \]""",
        (
            (r"\frac{\nu}{S} e^\top de", r"\frac{\nu}{2S} e^\top de", 2),
            (r"de = X\,", r"de = -X\,", 3),
        ),
    ),
    "an unknown loss above a norm of a layer": (
        r"""Layer normalisation backwards. For one token $x \in \mathbb{R}^d$ let $\mu = \frac1d\sum_{i=1}^d x_i$, $s^2 = \frac1d\sum_{i=1}^d (x_i-\mu)^2$ and $z_i = (x_i - \mu)/s$. We are given $u_i = \partial J/\partial z_i$ from the layer above, $J$ being the loss. Then
\[ \frac{\partial J}{\partial x_i} = \frac1s\Big(u_i - \frac1d\sum_{j=1}^d u_j - \frac{z_i}{d}\sum_{j=1}^d u_j z_j\Big). \]""",
        (
            (r"- \frac{z_i}{d}", r"+ \frac{z_i}{d}", 2),
            (r"\frac1s\Big", r"\frac1{s^2}\Big", 2),
        ),
    ),
    "an unknown loss above a layer": (
        r"""Пусть $z = Wx + b$, $a = \tanh(z)$, а $\mathcal{L}$ — некоторая функция потерь, зависящая от $a$. Обозначим $g = \frac{\partial \mathcal{L}}{\partial a}$. Тогда
\[ \frac{\partial \mathcal{L}}{\partial z} = g \odot (1 - a^2), \]
\[ \frac{\partial \mathcal{L}}{\partial W} = (g \odot (1 - a^2)) x^\top, \qquad \frac{\partial \mathcal{L}}{\partial x} = W^\top (g \odot (1 - a^2)). \]""",
        (
            (
                r"\frac{\partial \mathcal{L}}{\partial z} = g \odot (1 - a^2)",
                r"\frac{\partial \mathcal{L}}{\partial z} = g \odot (1 - a)^2",
                2,
            ),
            (r"W^\top (g", r"W (g", 3),
        ),
    ),
    "an unknown loss above a softmax": (
        r"""Backward pass of softmax. $p_k = \frac{e^{s_k}}{\sum_{j=1}^K e^{s_j}}$. With the upstream gradient $g_k = \frac{\partial E}{\partial p_k}$,
$$\frac{\partial E}{\partial s_i} = \sum_{k=1}^K g_k p_k(\delta_{ki} - p_i) = p_i\left(g_i - \sum_{k=1}^K g_k p_k\right).$$""",
        (
            (r"p_i\left(g_i -", r"p_i\left(g_i +", 2),
            (r"g_k p_k(\delta", r"g_k p_i(\delta_{ki} - p_k) + g_k(\delta", 2),
        ),
    ),
    "an unknown loss of a matrix": (
        r"""%! sizes n m k
%! param X : R^{n x m}
%! param W : R^{m x k}
Let $Y = XW$ and let $L$ be a scalar loss with $G = \frac{\partial L}{\partial Y}$. Then
\[ \frac{\partial L}{\partial W} = X^T G, \qquad \frac{\partial L}{\partial X} = G W^T. \]""",
        (
            (r"= G W^T", r"= W G^T", 5),
            (r"X^T G", r"G^T X", 5),
        ),
    ),
    "a minimiser, its gradient behind it": (
        r"""%! sizes n d
%! matrix Z : R^{n x d}
%! vector t : R^n
%! param v : R^d
%! const \mu : positive
Consider $f(v) = \frac12 \|Zv - t\|^2 + \frac{\mu}{2}\|v\|^2$. Its unique minimiser is
\[ v = (Z^T Z + \mu I)^{-1} Z^T t. \]
The gradient is
\[ \nabla f(v) = Z^T(Zv - t) + \mu v. \]""",
        (
            (r"Z^T t. \]", r"Z t. \]", 7),
            (r"+ \mu I)", r"+ 2\mu I)", 7),
            (r"+ \mu v. \]", r"- \mu v. \]", 9),
        ),
    ),
    "normal equations": (
        r"""%! sizes n d
%! matrix X : R^{n x d}
%! matrix P : R^{n x n} symmetric
%! vector y : R^n
%! param \beta : R^d
Weighted least squares: let $S(\beta) = (y - X\beta)^T P (y - X\beta)$, so that
\[ \frac{\partial S}{\partial \beta} = -2 X^T P (y - X\beta). \]
The normal equations are therefore
\[ X^T P X \beta = X^T P y. \]
The Hessian is $2 X^T P X$.""",
        (
            (r"X^T P X \beta = X^T P y", r"X^T P X \beta = X^T y", 9),
            (r"= -2 X^T P (y", r"= 2 X^T P (y", 7),
        ),
    ),
    "one factor held fixed, and a critical point of both": (
        r"""%! sizes n m r
%! matrix M : R^{n x m}
%! param P : R^{n x r}
%! param Q : R^{m x r}
%! const \rho : positive
Let $h = \|M - P Q^T\|_F^2 + \rho \|P\|_F^2 + \rho\|Q\|_F^2$. Then
\[ \frac{\partial h}{\partial P} = -2 (M - PQ^T) Q + 2\rho P, \quad \frac{\partial h}{\partial Q} = -2 (M - PQ^T)^T P + 2\rho Q. \]
If $P$ is held fixed, the optimal $Q$ is $Q = M^T P (P^T P + \rho I)^{-1}$.
The two equations above hold everywhere; at a critical point we also have
\[ P^T P = Q^T Q. \]""",
        (
            (r"M^T P (P^T P", r"M P (P^T P", 8),
            (r"P^T P = Q^T Q", r"P^T P = 2Q^T Q", 10),
        ),
    ),
    "stationary points that are not alone": (
        r"""%! sizes n
%! matrix A : R^{n x n} symmetric
%! param x : R^n
%! let \rho(x) = \frac{x^T A x}{x^T x}
The gradient of the Rayleigh quotient is
\[ \nabla \rho(x) = \frac{2}{x^T x}\left(A x - \rho x\right). \]
Hence at every stationary point
\[ A x = \rho x. \]""",
        (
            (r"A x = \rho x. \]", r"A x = 2\rho x. \]", 8),
            (r"A x = \rho x. \]", r"A x = \rho A x. \]", 8),
        ),
    ),
    "a condition at the minimum, in Russian": (
        r"""Пусть $F(w) = \sum_{i=1}^n c_i (w^T x_i - y_i)^2$. Градиент
\[ \nabla F = 2\sum_{i=1}^n c_i (w^T x_i - y_i) x_i. \]
В точке минимума выполняется
\[ \sum_{i=1}^n c_i x_i x_i^T w = \sum_{i=1}^n c_i y_i x_i. \]""",
        ((r"= \sum_{i=1}^n c_i y_i x_i", r"= \sum_{i=1}^n y_i x_i", 4),),
    ),
    "a value at the minimum beside one everywhere": (
        r"""%! sizes n
%! matrix A : R^{n x n} symmetric
%! vector b : R^n
%! param x : R^n
Let $q(x) = \frac12 x^T A x - b^T x$. We look for its stationary points. Obviously
\[ q(x) = \frac12 x^T (A x - b) - \frac12 b^T x, \]
\[ \nabla q(x) = A x - b. \]
At the minimum $q(x) = -\frac12 b^T x$.""",
        (
            (r"- \frac12 b^T x,", r"- b^T x,", 6),
            (r"q(x) = -\frac12 b^T x", r"q(x) = \frac12 b^T x", 8),
        ),
    ),
    "second differentials of a logarithm": (
        r"""%! sizes n
%! matrix A : R^{n x n} symmetric
%! param x : R^n
Let $\phi(x) = \ln(1 + x^T A x)$ and $s = 1 + x^T A x$. Then $ds = 2 x^T A\,dx$ and $d^2 s = 2\,dx^T A\, dx$, hence
\[ d\phi = \frac{ds}{s}, \qquad d^2\phi = \frac{d^2 s}{s} - \frac{(ds)^2}{s^2} = \frac{2\, dx^T A\, dx}{s} - \frac{4 (x^T A\,dx)^2}{s^2}. \]""",
        (
            (r"- \frac{4 (x", r"- \frac{2 (x", 5),
            (r"\frac{d^2 s}{s} - ", r"\frac{d^2 s}{s} + ", 5),
            (r"d^2 s = 2\,dx", r"d^2 s = dx", 4),
        ),
    ),
    "second differential of a determinant": (
        r"""Log-determinant barrier. $f(X) = -\log\det X$ for a symmetric matrix $X \in \mathbb{R}^{n\times n}$.
\[ df = -\operatorname{tr}(X^{-1} dX) \]
\[ d^2 f = \operatorname{tr}(X^{-1}\, dX\, X^{-1}\, dX) \]""",
        (
            (r"d^2 f = \op", r"d^2 f = -\op", 3),
            (r"X^{-1}\, dX\, X^{-1}\, dX", r"X^{-1}\, dX\, dX", 3),
        ),
    ),
    "d of an inverse": (
        r"""%! sizes m n
%! matrix A : R^{m x n}
%! vector b : R^m
%! param X : R^{n x n}
%! vector c : R^n
Put $r = A X^{-1} c - b$ and $g = \frac12 r^T r$. Since $d(X^{-1}) = -X^{-1}\, dX\, X^{-1}$,
\[ dr = -A X^{-1}\,dX\,X^{-1} c, \qquad dg = r^T dr = -r^T A X^{-1}\, dX\, X^{-1} c, \]
\[ dg = -\operatorname{tr}\left(X^{-1} c\, r^T A X^{-1}\, dX\right), \qquad \frac{\partial g}{\partial X} = -X^{-T} A^T r\, c^T X^{-T}. \]""",
        (
            (r"-X^{-1}\, dX\, X^{-1}$", r"-X^{-1}\, dX$", 6),
            (r"c^T X^{-T}", r"c^T X^{-1}", 8),
            (r"dr = -A", r"dr = A", 7),
        ),
    ),
    "dt^2": (
        r"""Let $f(t) = e^{-t^2/2}$. Then $df = -t e^{-t^2/2}\,dt$ and $d^2 f = (t^2 - 1)e^{-t^2/2}\,dt^2$.""",
        ((r"(t^2 - 1)", r"(t^2 + 1)", 1),),
    ),
    "a symmetric cost matrix": (
        r"""Let $f(x) = \frac12 x^T Q x - c^T x$ with a symmetric positive semidefinite cost matrix $Q \in \mathbb{R}^{n \times n}$.
\[ \nabla f = Qx - c, \qquad \nabla^2 f = Q. \]""",
        ((r"Qx - c,", r"Qx + c,", 2),),
    ),
    "a symmetric matrix, in Russian": (
        r"""Пусть дана симметричная матрица ковариаций $C \in \mathbb{R}^{d\times d}$ и $g(u) = u^T C u$. Тогда $\nabla g(u) = 2Cu$.""",
        ((r"2Cu", r"Cu", 1),),
    ),
    "a density that nothing uses": (
        r"""The model is $p(t | x) = \mathcal{N}(t | w^T x, \beta^{-1})$. Up to a constant the negative log likelihood is
\[ E(w) = \frac{\beta}{2}\sum_{n=1}^N (t_n - w^T x_n)^2. \]
\[ \nabla E = -\beta \sum_{n=1}^N (t_n - w^T x_n) x_n \]""",
        ((r"= -\beta", r"= \beta", 3),),
    ),
    "estimates of two parameters": (
        r"""%! sizes n
%! index i = 1..n sample
%! data x_i : R
%! param \mu : R
%! param v : positive
Let $\ell(\mu, v) = -\frac n2\ln v - \frac{1}{2v}\sum_{i=1}^n (x_i - \mu)^2$.
\[ \frac{\partial \ell}{\partial \mu} = \frac1v \sum_{i=1}^n (x_i - \mu). \]
Hence $\hat\mu = \frac1n\sum_{i=1}^n x_i$. For the variance
\[ \frac{\partial \ell}{\partial v} = -\frac{n}{2v} + \frac{1}{2v^2}\sum_{i=1}^n (x_i - \mu)^2, \]
so that
\[ v_{ML} = \frac1n \sum_{i=1}^n (x_i - \mu)^2. \]""",
        (
            (r"\hat\mu = \frac1n", r"\hat\mu = \frac2n", 8),
            (r"v_{ML} = \frac1n", r"v_{ML} = \frac1{2n}", 11),
        ),
    ),
    "an estimate without a header": (
        r"""Poisson: $\ell(\lambda) = \sum_{i=1}^n (k_i \ln\lambda - \lambda)$, $\frac{d\ell}{d\lambda} = \frac{1}{\lambda}\sum_{i=1}^n k_i - n$, whence
$$\hat\lambda = \frac1n\sum_{i=1}^n k_i.$$""",
        ((r"\hat\lambda = \frac1n", r"\hat\lambda = n", 2),),
    ),
    "an estimate in matrices": (
        r"""%! sizes n d
%! matrix X : R^{n x d}
%! vector y : R^n
%! param w : R^d
%! let f(w) = \|Xw - y\|^2
$$\nabla f = 2X^T(Xw - y)$$
We get
$$\hat w = (X^T X)^{-1} X^T y.$$
The fitted values are $\hat y = X \hat w$.""",
        ((r"X^T y.$$", r"X^T X y.$$", 8),),
    ),
    "entries of any vector": (
        r"""%! sizes K
%! index k, j = 1..K
%! param s_k : R
%! let \ell = \ln \sum_{k=1}^K e^{s_k}
%! let p_k = e^{s_k} / \sum_{j=1}^K e^{s_j}
$$\frac{\partial^2 \ell}{\partial s_k \partial s_j} = p_k\delta_{kj} - p_k p_j$$
Для любого вектора $u$
$$\sum_{k=1}^K\sum_{j=1}^K u_k u_j (p_k\delta_{kj} - p_k p_j) = \sum_{k=1}^K p_k u_k^2 - \Big(\sum_{k=1}^K p_k u_k\Big)^2 \ge 0$$""",
        ((r"p_k u_k^2 -", r"p_k u_k -", 8),),
    ),
    "a direction that is taken at will": (
        r"""%! sizes n
%! matrix A : R^{n x n}
%! param x : R^n
%! let q(x) = x^T A x
$\nabla q = (A + A^T)x$, so for $h \in \mathbb{R}^n$
$$\nabla q^T h = x^T A h + h^T A x.$$""",
        ((r"+ h^T A x", r"+ x^T A h", 6),),
    ),
    "dC of a C that is defined behind it": (
        r"""%! sizes n
%! vector y : R^n
%! matrix B : R^{n x n} symmetric
%! param \tau : positive
%! let q = y^T y
Consider $\ell = \frac12 \ln\det C - \frac12 y^T C y$. Then
$$ d\ell = \frac12\operatorname{tr}(C^{-1} dC) - \frac12 y^T dC y, $$
where $C = \tau B + I$.""",
        ((r"- \frac12 y^T dC", r"+ \frac12 y^T dC", 7),),
    ),
    "a variance by its square": (
        r"""Batch normalisation: $\mu = \frac1m\sum_{i=1}^m x_i$, $\sigma^2 = \frac1m\sum_{i=1}^m (x_i - \mu)^2$, $\hat{x}_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \epsilon}}$, $y_i = \gamma \hat{x}_i + \beta$. With the loss $\ell$ above it,
$$\frac{\partial \ell}{\partial \hat{x}_i} = \frac{\partial \ell}{\partial y_i}\gamma$$
$$\frac{\partial \ell}{\partial \sigma^2} = \sum_{i=1}^m \frac{\partial \ell}{\partial \hat{x}_i}(x_i - \mu)\cdot\frac{-1}{2}(\sigma^2 + \epsilon)^{-3/2}$$
$$\frac{\partial \ell}{\partial \gamma} = \sum_{i=1}^m \frac{\partial \ell}{\partial y_i}\hat{x}_i$$""",
        (
            (r"\frac{-1}{2}(", r"\frac{1}{2}(", 3),
            (r"\frac{\partial \ell}{\partial y_i}\hat{x}_i", r"\frac{\partial \ell}{\partial y_i}x_i", 4),
        ),
    ),
    "a length by its square": (
        r"""RMS norm. $r^2 = \frac1n\sum_{i=1}^n x_i^2$, $y_i = x_i / r$. Then $\frac{\partial r}{\partial x_i} = \frac{x_i}{n r}$ and $\frac{\partial y_i}{\partial x_j} = \frac{\delta_{ij}}{r} - \frac{x_i x_j}{n r^3}$.""",
        (
            (r"\frac{x_i}{n r}", r"\frac{2x_i}{n r}", 1),
            (r"n r^3", r"n r^2", 1),
        ),
    ),
    "a dual function, and the minimum of both": (
        r"""%! sizes m n
%! matrix A : R^{m x n}
%! vector b : R^m
%! param x : R^n
%! param \nu : R^m
Minimum norm solution: minimise $x^T x$ subject to $Ax = b$. The Lagrangian is
\[ L(x, \nu) = x^T x + \nu^T (Ax - b). \]
Stationarity in $x$:
\[ \nabla_x L = 2x + A^T \nu = 0 \quad\Rightarrow\quad x = -\frac12 A^T \nu. \]
Substituting, the dual function is
\[ g(\nu) = -\frac14 \nu^T A A^T \nu - b^T \nu, \]
whose gradient
\[ \nabla g(\nu) = -\frac12 A A^T \nu - b \]
vanishes at $\nu^* = -2 (A A^T)^{-1} b$. Hence $x^* = A^T (AA^T)^{-1} b$.""",
        (
            (r"x = -\frac12 A^T \nu", r"x = \frac12 A^T \nu", 9),
            (r"= -\frac12 A A^T \nu - b", r"= -\frac14 A A^T \nu - b", 13),
            (r"\nu^* = -2", r"\nu^* = 2", 14),
        ),
    ),
    "a trace without a header": (
        r"""Let $f(X) = \operatorname{tr}(X^T A X)$ with $A \in \mathbb{R}^{n \times n}$ and $X \in \mathbb{R}^{n\times k}$. Then
$$ df = \operatorname{tr}(dX^T A X) + \operatorname{tr}(X^T A\, dX) = \operatorname{tr}\left(X^T (A + A^T)\, dX\right), $$
so $\nabla f(X) = (A + A^T) X$. For symmetric $A$ this is $2AX$.""",
        (
            (r"(A + A^T) X$", r"(A + A^T)^T X^T$", 3),
            (r"X^T (A + A^T)\, dX", r"X^T (A - A^T)\, dX", 2),
        ),
    ),
    "d of a norm, in Russian": (
        r"""Пусть $f(x) = \frac13\|x\|^3$, $x \in \mathbb{R}^n$. Дифференциал:
$$ df = \|x\|^2\, d\|x\| = \|x\| \langle x, dx \rangle. $$
Значит, $\nabla f(x) = \|x\| x$. Второй дифференциал:
$$ d^2 f = \frac{\langle x, dx\rangle^2}{\|x\|} + \|x\|\langle dx, dx\rangle, $$
поэтому $\nabla^2 f(x) = \|x\| I + \frac{x x^T}{\|x\|}$.""",
        (
            (r"= \|x\| I + ", r"= \|x\| I - ", 5),
            (r"\frac{\langle x, dx\rangle^2}{\|x\|}", r"\frac{\langle x, dx\rangle^2}{\|x\|^3}", 4),
            (r"\nabla f(x) = \|x\| x", r"\nabla f(x) = \|x\|^2 x", 3),
        ),
    ),
    "d of a factor of a matrix": (
        r"""%! sizes n
%! matrix S : R^{n x n} symmetric
%! param L : R^{n x n}
Let $P = L L^T$ and
\[ \phi(L) = \operatorname{tr}(S P) - \ln\det P. \]
Then $dP = dL\,L^T + L\,dL^T$ and
\[ d\phi = \operatorname{tr}(S\,dP) - \operatorname{tr}(P^{-1} dP) = 2\operatorname{tr}(L^T S\,dL) - 2\operatorname{tr}(L^{-1} dL). \]
So $\frac{\partial\phi}{\partial L} = 2 S L - 2 L^{-T}$.""",
        (
            (r"= 2 S L - 2 L^{-T}", r"= 2 S L - 2 L^{-1}", 8),
            (r"dP = dL\,L^T + L\,dL^T", r"dP = 2\, dL\,L^T", 6),
        ),
    ),
    "eigenvectors by a Lagrangian": (
        r"""Maximise the variance of the projection: $C \in \mathbb{R}^{d \times d}$ is symmetric, $u \in \mathbb{R}^d$,
$$ \mathcal{L}(u, \lambda) = u^\top C u + \lambda(1 - u^\top u). $$
$$ \frac{\partial \mathcal{L}}{\partial u} = 2 C u - 2\lambda u $$
Setting the derivative to zero gives $C u = \lambda u$.""",
        (
            (r"2 C u - 2\lambda u $$", r"2 C u + 2\lambda u $$", 3),
            (r"C u = \lambda u$.", r"C u = 2\lambda u$.", 4),
        ),
    ),
    "a first order condition, its gradient not taken": (
        r"""%! sizes n
%! vector z : R^n
%! param x : R^n
%! const t : positive
%! matrix Q : R^{n x n} symmetric
The proximal step minimises $h(x) = \frac12 x^T Q x + \frac{1}{2t}\|x - z\|^2$. First order condition:
\[ Q x + \frac1t (x - z) = 0, \]
that is $x = (I + tQ)^{-1} z$.""",
        (
            (r"(I + tQ)^{-1} z", r"(I - tQ)^{-1} z", 8),
            (r"Q x + \frac1t (x - z) = 0", r"Q x - \frac1t (x - z) = 0", 7),
        ),
    ),
    "d of a gradient": (
        r"""%! sizes m n
%! matrix A : R^{m x n}
%! vector b : R^m
%! param x : R^n
%! let f(x) = \sum_{i=1}^m \ln(1 + e^{(Ax - b)_i})
With $s = \sigma(Ax - b)$,
$$ df = s^T A\, dx, \quad \nabla f = A^T s, \quad d(\nabla f) = A^T \operatorname{diag}(s \odot (1 - s)) A\, dx. $$
Hence $\nabla^2 f = A^T \operatorname{diag}(s \odot (1-s)) A \succeq 0$.""",
        (
            (r"\nabla f = A^T s", r"\nabla f = A s", 7),
            (r"d(\nabla f) = A^T \operatorname{diag}(s \odot (1 - s))", r"d(\nabla f) = A^T \operatorname{diag}(s)", 7),
        ),
    ),
    "an estimate with a diagonal matrix": (
        r"""The estimator minimises $R(\beta) = (y - X\beta)^T (y - X\beta) + \beta^T \Lambda \beta$ where $\Lambda \in \mathbb{R}^{p\times p}$ is diagonal and $X \in \mathbb{R}^{n \times p}$.
Differentiating,
$$\frac{\partial R}{\partial \beta} = -2X^T y + 2 X^T X\beta + 2\Lambda\beta,$$
so the solution is
$$\hat\beta = (X^T X + \Lambda)^{-1} X^T y.$$""",
        (
            (r"(X^T X + \Lambda)^{-1}", r"(X^T X + 2\Lambda)^{-1}", 5),
            (r"+ 2\Lambda\beta,", r"+ \Lambda\beta,", 3),
        ),
    ),
    "an unknown loss of two outputs": (
        r"""%! sizes n m k
%! param A : R^{m x n}
%! param B : R^{k x n}
%! vector x : R^n
Encoder: $u = Ax$ and $v = Bx$; the loss $E$ depends on both. With $p = \partial E/\partial u$, $q = \partial E/\partial v$:
\[ \frac{\partial E}{\partial A} = p x^T, \quad \frac{\partial E}{\partial B} = q x^T, \quad \frac{\partial E}{\partial x} = A^T p + B^T q. \]""",
        (
            (r"A^T p + B^T q", r"A^T p", 6),
            (r"q x^T", r"p x^T", 6),
        ),
    ),
    "an unknown loss above a skip": (
        r"""Residual block: $z = W x + b$, $h = x + \tanh(z)$. Let $J$ be the loss and $\delta = \partial J/\partial h$. Then
$$\frac{\partial J}{\partial z} = \delta \odot (1 - \tanh^2(z)), \qquad \frac{\partial J}{\partial x} = \delta + W^T\left(\delta \odot (1 - \tanh^2(z))\right).$$""",
        ((r"\delta + W^T\left", r"W^T\left", 2),),
    ),
    "an unknown loss of a weighted sum": (
        r"""For $o = \sum_{j=1}^n a_j v_j$ with $v_j \in \mathbb{R}^d$ and the upstream gradient $g = \frac{\partial L}{\partial o}$: $\frac{\partial L}{\partial v_j} = a_j g$ and $\frac{\partial L}{\partial a_j} = v_j^T g$.""",
        (
            (r"= a_j g", r"= g", 1),
            (r"v_j^T g", r"a_j^2", 1),
        ),
    ),
    "an unknown loss of a batch": (
        r"""Backprop through a linear layer. $Z = XW + \mathbf{1}b^T$, and let $D = \partial L/\partial Z$. Then $\partial L/\partial W = X^T D$, $\partial L/\partial b = D^T\mathbf{1}$, $\partial L/\partial X = D W^T$.""",
        (
            (r"X^T D", r"D X^T", 1),
            (r"D W^T", r"D W", 1),
        ),
    ),
    "an unknown cost, by entries": (
        r"""Conv-free layer: $a_i = \sum_{j=1}^n w_{ij} x_j$. Let $\delta_i = \frac{\partial C}{\partial a_i}$ where $C$ is the cost. Hence $\frac{\partial C}{\partial w_{ij}} = \delta_i x_j$ and $\frac{\partial C}{\partial x_j} = \sum_{i=1}^m w_{ij}\delta_i$.""",
        (
            (r"\sum_{i=1}^m w_{ij}\delta_i", r"\sum_{i=1}^m w_{ji}\delta_i", 1),
            (r"\delta_i x_j", r"\delta_j x_i", 1),
        ),
    ),
    "an unknown loss of each object": (
        r"""Let $z_i = w^T x_i + b$ and let $\ell_i$ be the loss of example $i$, $\delta_i = \frac{\partial \ell_i}{\partial z_i}$, $Q = \sum_{i=1}^N \ell_i$. Then
$$\frac{\partial Q}{\partial w} = \sum_{i=1}^N \delta_i x_i, \quad \frac{\partial Q}{\partial b} = \sum_{i=1}^N \delta_i.$$""",
        (
            (r"\sum_{i=1}^N \delta_i x_i", r"\sum_{i=1}^N \delta_i w", 2),
            (r"\sum_{i=1}^N \delta_i.", r"\sum_{i=1}^N \delta_i^2.", 2),
        ),
    ),
    "an unknown loss of all objects": (
        r"""Let $u_i = v^T x_i$, $a_i = \tanh(u_i)$, $g_i = \partial L/\partial a_i$. Then $\frac{\partial L}{\partial v} = \sum_{i=1}^n g_i (1 - a_i^2) x_i$.""",
        ((r"(1 - a_i^2)", r"(1 - a_i)", 1),),
    ),
}
