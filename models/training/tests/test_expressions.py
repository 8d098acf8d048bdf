import numpy as np
import torch

from galatea_training.data.expressions import ExpressionPairs, other_expression
from galatea_training.data.pictures import Lights, Pictures
from galatea_training.render import heads
from galatea_training.train.batches import expression_crops
from galatea_training.train.picture_losses import change_loss


def test_a_mood_changes_smile_or_mouth_and_nothing_else():
    rng = np.random.default_rng(5)
    for head in (heads.sample(rng) for _ in range(100)):
        other = other_expression(head, rng)
        changed = {name for name in heads.NAMES if head[name] != other[name]}
        assert len(changed) == 1 and changed <= {"smile", "open"}


def test_both_moods_are_the_same_quarter_under_the_same_light(tiny_data):
    torch.manual_seed(0)
    pictures = Pictures(tiny_data / "train")
    pair = expression_crops(pictures, ExpressionPairs(tiny_data, pictures), Lights(1, count=9), 3)
    assert pair["buffers"].shape == (6, 8, 64, 64) and pair["z"].shape[0] == 6
    assert torch.equal(pair["cameras"][:3], pair["cameras"][3:]) and torch.equal(pair["light"][:3], pair["light"][3:])
    assert not torch.equal(pair["buffers"][:3], pair["buffers"][3:])


def test_the_change_loss_is_the_share_of_a_change_that_is_missed():
    torch.manual_seed(0)
    truth = torch.rand(4, 3, 16, 16)
    truth[2:] = truth[:2] + 0.5 * (torch.rand(2, 1, 16, 16) > 0.7)
    offset = torch.randn(2, 3, 16, 16).repeat(2, 1, 1, 1)
    assert change_loss(truth + offset, truth) < 1e-5
    still = truth[:2].repeat(2, 1, 1, 1)
    assert torch.isclose(change_loss(still, truth), torch.tensor(1.0), atol=1e-5)
    assert torch.isclose(change_loss(torch.lerp(still, truth, 0.25), truth), torch.tensor(0.75), atol=1e-5)
