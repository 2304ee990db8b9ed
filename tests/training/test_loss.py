"""The loss, against values computed by hand."""

import math

import pytest
import torch

from trm_core.network.model import State, StepOutput
from trm_core.training.loss import softmax_cross_entropy, stablemax_cross_entropy, step_loss


def output(logits, q):
    nothing = torch.zeros(1)
    return StepOutput(State(nothing, nothing), torch.tensor(logits), torch.tensor(q)[:, None])


def test_stablemax_by_hand():
    """s(1) = 2, s(0) = 1, s(-1) = 1/2: the probability of the first token is 2 / 3.5."""
    logits = torch.tensor([[[1.0, 0.0, -1.0]]])
    for label, s in ((0, 2.0), (1, 1.0), (2, 0.5)):
        found = stablemax_cross_entropy(logits, torch.tensor([[label]]))
        assert found.dtype == torch.float64
        assert found.item() == pytest.approx(-math.log(s / 3.5))


def test_stablemax_gradient_stays_finite_everywhere():
    logits = torch.tensor([[[1.0, 30.0, -30.0]]], requires_grad=True)
    stablemax_cross_entropy(logits, torch.tensor([[2]])).sum().backward()
    assert logits.grad.isfinite().all()


def test_label_smoothing_by_hand():
    logits = torch.tensor([[[math.log(3.0), 0.0]]])  # probabilities 3/4 and 1/4
    found = softmax_cross_entropy(logits, torch.tensor([[0]]), smoothing=0.2)
    assert found.item() == pytest.approx(-0.9 * math.log(0.75) - 0.1 * math.log(0.25))


def test_the_whole_loss_by_hand():
    """Two puzzles of two cells: the first right with q = 0, the second half right with q = 2."""
    third = math.log(3.0)
    logits = [[[0.0, third, 0.0], [0.0, 0.0, third]], [[0.0, third, 0.0], [0.0, third, 0.0]]]
    labels = torch.tensor([[1, 2], [1, 2]])
    loss = step_loss(output(logits, [0.0, 2.0]), labels, halt_weight=0.5)
    right, wrong = -math.log(3 / 5), -math.log(1 / 5)
    cells = (right + (right + wrong) / 2) / 2
    halt = (math.log(2) + math.log(1 + math.exp(2.0))) / 2
    assert loss.cells.item() == pytest.approx(cells)
    assert loss.halt.item() == pytest.approx(halt)
    assert loss.total.item() == pytest.approx(cells + 0.5 * halt)
    assert loss.exact_B.tolist() == [True, False]
    assert loss.accuracy_B.tolist() == [1.0, 0.5]


def test_padding_counts_for_nothing():
    logits = [[[9.0, 0.0, 0.0], [0.0, 0.0, 9.0]]]
    padded = step_loss(output(logits, [0.0]), torch.tensor([[0, 2]]))
    alone = step_loss(output([logits[0][1:]], [0.0]), torch.tensor([[2]]))
    assert padded.cells.item() == pytest.approx(alone.cells.item())
    assert padded.exact_B.tolist() == [True]


def test_unknown_losses_are_refused():
    with pytest.raises(ValueError, match="softmax or stablemax"):
        step_loss(output([[[1.0, 2.0]]], [0.0]), torch.tensor([[1]]), kind="hinge")
    with pytest.raises(ValueError, match="no label smoothing"):
        step_loss(
            output([[[1.0, 2.0]]], [0.0]), torch.tensor([[1]]), kind="stablemax", smoothing=0.1
        )
