"""The metric of parameters says how far pictures go apart, and is measured once."""

import torch

from galatea_training.train import parameter_metric as metric


def test_a_small_change_goes_as_far_in_the_metric_as_in_the_pictures(generator, monkeypatch):
    torch.manual_seed(0)
    monkeypatch.setattr(metric, "STEP", 0.02)
    mapping = generator.mapping
    head = torch.randn(len(mapping.mean))
    root = metric.root_of(generator, head[None])
    assert (root @ root.T).diagonal().mean().sub(1).abs() < 1e-5
    changes = torch.cat([0.005 * torch.randn(4, len(head)), 0.02 * torch.eye(len(head))[:4]])
    with torch.no_grad():
        drawn = metric._surfaces(generator, torch.cat([head[None], head + changes]))
    seen = (drawn[1:] - drawn[0]).norm(dim=1)
    ratios = seen / (changes @ root).norm(dim=1)
    assert (ratios / ratios.mean() - 1).abs().max() < 0.05


def test_it_is_measured_once(generator, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(metric, "root_of", lambda generator, params: calls.append(len(params)) or torch.eye(2))
    found = [metric.metric_of(generator, torch.zeros(40, 3), tmp_path, most=5) for _ in range(2)]
    assert calls == [5] and all(torch.equal(x, torch.eye(2)) for x in found)
