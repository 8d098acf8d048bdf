"""The noise schedule, and what the prior's contract promises whatever its weights."""

import torch

from galatea_training.networks.noise_schedule import add_noise, cosine_alphas_cumprod
from galatea_training.networks.prior import Prior
from galatea_training.networks.text_encoder import TextEncoder


def test_the_schedule_falls_from_picture_to_noise():
    alphas = cosine_alphas_cumprod()
    assert alphas.shape == (1000,) and bool((alphas.diff() <= 0).all())
    assert alphas[0] > 0.999 and 0 < alphas[-1] < 1e-3


def test_noise_keeps_the_variance_of_unit_pictures():
    torch.manual_seed(1)
    noisy = add_noise(torch.randn(1, 200_000), torch.randn(1, 200_000), torch.tensor([0.3]))
    assert abs(float(noisy.var()) - 1.0) < 0.02


def test_an_exact_estimate_of_the_picture_gives_back_the_exact_noise():
    torch.manual_seed(2)
    prior = Prior(96).eval()
    x0, noise, timestep = torch.randn(2, 3, 64, 64), torch.randn(2, 3, 64, 64), torch.tensor([100, 900])
    prior.clean = lambda x, t, c: x0
    given = prior(add_noise(x0, noise, prior.alphas[timestep]), timestep, torch.zeros(2, 24, 96))
    torch.testing.assert_close(given, noise, atol=1e-4, rtol=1e-4)


def test_the_empty_text_conditions_by_nothing_and_padding_by_no_more():
    torch.manual_seed(3)
    text = TextEncoder(50).eval()
    ids = torch.tensor([[5, 6] + [0] * 22, [0] * 24])
    conditioning = text(ids)
    assert float(conditioning[1].detach().abs().max()) == 0
    assert float(conditioning[0, 2:].detach().abs().max()) == 0
    assert float(conditioning[0, :2].detach().abs().min(1).values.max()) > 0
