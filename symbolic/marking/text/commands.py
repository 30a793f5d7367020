"""Commands of LaTeX that are no part of a formula, or stand for what is inside them: layout, founts, text, accents."""

from __future__ import annotations

#: Commands that only move or size things; those with an argument to throw away come after.
LAYOUT = frozenset(
    [
        *(r"\,", r"\;", r"\:", r"\!", r"\/", r"\>", r"\left", r"\right", r"\middle", r"\big", r"\Big", r"\bigg"),
        *(r"\Bigg", r"\bigl", r"\bigr", r"\Bigl", r"\Bigr", r"\biggl", r"\biggr", r"\Biggl", r"\Biggr", r"\bigm"),
        *(r"\Bigm", r"\biggm", r"\displaystyle", r"\textstyle", r"\scriptstyle", r"\limits", r"\nolimits"),
        *(r"\nonumber", r"\notag", r"\thinspace", r"\medspace", r"\enspace", r"\hfill", r"\allowdisplaybreaks"),
        *(r"\noindent", r"\centering", r"\par", r"\hline", r"\relax", r"\strut", r"\boldmath", r"\mathstrut"),
        *(r"\bf", r"\it", r"\rm", r"\tt", r"\sf", r"\medskip", r"\smallskip", r"\bigskip", r"\newline"),
        *(r"\pagebreak", r"\nobreak", r"\hspace*", r"\null", r"\protect"),
    ]
)
LAYOUT_WITH_ARGUMENT = frozenset(
    [
        *(r"\label", r"\tag", r"\tag*", r"\hspace", r"\vspace", r"\phantom", r"\hphantom", r"\vphantom"),
        *(r"\color", r"\intertag"),
    ]
)
#: Commands whose (last) argument is meant as it stands; the number of arguments before it that are thrown away.
TRANSPARENT = {
    r"\boxed": 0,
    r"\textcolor": 1,
    r"\colorbox": 1,
    r"\mathstyle": 0,
    r"\smash": 0,
    r"\ensuremath": 0,
    r"\mathclap": 0,
    r"\mathop": 0,
    r"\mathbin": 0,
    r"\mathrel": 0,
    r"\mathord": 0,
    r"\overline": 0,
}
#: Fonts: one letter inside stands for itself, several are one name.
FONTS = frozenset(
    [
        *(r"\mathrm", r"\mathbf", r"\boldsymbol", r"\bm", r"\mathit", r"\mathsf", r"\mathtt", r"\mathbb"),
        *(r"\mathcal", r"\mathscr", r"\mathds", r"\bbold", r"\mathfrak", r"\pmb", r"\operatorname"),
        *(r"\operatorname*", r"\vec", r"\mathnormal", r"\textbf", r"\textit", r"\textrm", r"\bold", r"\symbf"),
    ]
)
TEXT = frozenset([r"\text", r"\mbox", r"\textnormal", r"\hbox", r"\intertext", r"\shortintertext", r"\textup"])
#: Founts for words; they are set about names too: w_{\textrm{out}}.
FOUNTS_OF_WORDS = frozenset([r"\textrm", r"\textit", r"\textbf", r"\textsf", r"\mathrm"])
#: Accents make another name: \hat y is not y.
ACCENTS = frozenset([r"\hat", r"\tilde", r"\bar", r"\widehat", r"\widetilde", r"\check", r"\breve", r"\dot", r"\ddot"])

#: Fonts that hold for all that follows; a word up to the brace is one name: ``L^{\\rm ns}``.
OLD_FONTS = frozenset([r"\rm", r"\sf", r"\it", r"\bf", r"\tt"])
