"""Hand-written backpropagation in the styles that people have: what is right is called right, slips are named."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from corpus_of import Slip, files, network_of, said, slips, targets

from codegen.audit.auditing import audit

RIGHT = [(file, target) for file in files() for target in targets(file)]
WRONG = [slip for file in files() for slip in slips(file)]
#: One of each kind in the quick run; all of them in the slow one.
QUICK_RIGHT = {
    *("TwoLayerNet", "lossFun", "Online", "averaged"),
    *("LogisticRegression", "SGD_shuffled.fit", "gradients_of", "vector_out", "jit_like"),
    *("one_pass", "backward_prop", "update", "Lasso.grad", "poisson_nll"),
    *("OurNeuralNetwork.train", "train_row"),
    *("TiedAutoencoder.gradients", "naiveSoftmaxLossAndGradient"),
    *("huber_fit_step", "word2vec_sgd_wrapper", "train_on_batch", "summed"),
    *("scores_and_slopes", "Bumps.slopes", "with_both_strengths"),
}
QUICK_WRONG = {"three_layers:MLP: self.grads_b[i] = grad.sum()"}


def slow_unless(quick: bool) -> tuple[pytest.MarkDecorator, ...]:
    return () if quick else (pytest.mark.slow,)


@pytest.mark.parametrize(
    ("file", "target"),
    [pytest.param(f, t, id=f"{f.stem}:{t}", marks=slow_unless(t in QUICK_RIGHT)) for f, t in RIGHT],
)
def test_right_code_is_called_right_in_its_own_style(file: Path, target: str) -> None:
    found = audit(f"{file}:{target}", network_of(file), run=True, **said(file, target))
    assert found.agrees, found.text()


@pytest.mark.parametrize("slip", [pytest.param(s, id=str(s), marks=slow_unless(str(s) in QUICK_WRONG)) for s in WRONG])
@pytest.mark.slow
def test_a_slip_is_found_and_named(slip: Slip, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(slip.text(), encoding="utf-8")
    found = audit(f"{file}:{slip.target}", network_of(slip.file), run=True, **said(slip.file, slip.target))
    assert not found.agrees, found.text()
    assert any(word in found.text() for word in slip.words), found.text()


def test_the_corpus_is_large_enough() -> None:
    assert len(RIGHT) + len(WRONG) >= 60
