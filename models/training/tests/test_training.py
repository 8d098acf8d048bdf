"""The loop that training commands share, and that every loss keeps to the device that it is given."""

import argparse
import importlib

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from galatea_training.data.captions import vocabulary
from galatea_training.networks.text_encoder import TOKENS, TextEncoder
from galatea_training.networks.tokenizer import build_tokenizer
from galatea_training.networks.warp import SHAPES
from galatea_training.optimise import device, precision
from galatea_training.optimise.checkpoint import averaged_weights
from galatea_training.optimise.loop import Task, TrainingRun, rate_at
from galatea_training.optimise.muon import Muon, split_for_muon
from galatea_training.render.heads import NAMES
from galatea_training.train import proportions
from galatea_training.train.text import task as text_task

MODULES = (
    "text", "generator", "prior", "identity", "lighting", "pose", "judge", "encoder", "joint", "latent_mapper"
)  # fmt: skip


def options(module: str, data, runs, *more: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    found = importlib.import_module(f"galatea_training.train.{module}")
    found.add_arguments(parser)
    needed = ["--assets", "unused"] if module == "generator" else []
    common = ["--data", str(data), "--runs", str(runs), "--device", "cpu", "--batch", "2"]
    return parser.parse_args([*common, *needed, *more])


def line(loss=None) -> Task:
    """A task of one number that is best at 3."""
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    fit = loss or (lambda progress: (model.weight - 3.0).square().sum())
    return Task("line", model, fit, lambda average: f"{average.weight.item():.3f}", weight_decay=0.0)


def line_options(runs, **given) -> argparse.Namespace:
    args = options("text", "unused", runs, "--learning-rate", "0.1", "--warmup", "1")
    return argparse.Namespace(**(vars(args) | given))


def test_the_rate_rises_stays_and_falls_to_nothing():
    args = argparse.Namespace(learning_rate=2.0, warmup=4, settle=0.5)
    assert [rate_at(step, 0.0, args) for step in range(5)] == [0.5, 1.0, 1.5, 2.0, 2.0]
    assert [rate_at(9, spent, args) for spent in (0.4, 0.5, 0.75, 1.0)] == [2.0, 2.0, 1.0, 0.0]


def test_a_run_goes_on_from_its_checkpoint_with_the_optimiser(tmp_path):
    first = TrainingRun(line(), line_options(tmp_path, minutes=0.002))
    first.train()
    again = TrainingRun(line(), line_options(tmp_path, minutes=0.004))
    assert again.step == first.step > 0 and 0.12 <= again.spent_s == first.spent_s
    assert torch.equal(again.task.model.weight, first.task.model.weight)
    moments = [run.optimisers["optimiser"].state_dict()["state"][0]["exp_avg_sq"] for run in (first, again)]
    assert torch.equal(*moments)
    again.train()
    assert again.step > first.step


def test_a_run_whose_minutes_are_spent_takes_no_step(tmp_path):
    TrainingRun(line(), line_options(tmp_path, minutes=0.002)).train()
    again = TrainingRun(line(), line_options(tmp_path, minutes=0.002))
    before = again.step
    again.train()
    assert again.step == before


def test_a_run_ends_at_the_best_weights(tmp_path):
    run = TrainingRun(line(), line_options(tmp_path, minutes=1.0))
    for _ in range(400):
        run.take_step(0.0)
    assert abs(run.average.weight.item() - 3.0) < 0.05


def test_a_loss_that_is_not_finite_ends_the_run(tmp_path):
    args = line_options(tmp_path, tell_seconds=0.0)
    run = TrainingRun(line(lambda progress: run.task.model.weight.sum() * float("nan")), args)
    with pytest.raises(FloatingPointError, match="line: loss nan"):
        run.train()
    assert not (tmp_path / "line.ckpt").exists()


@pytest.mark.parametrize("form", ("bare weights", "average alone", "networks"))
def test_checkpoints_of_earlier_versions_are_read(tmp_path, form):
    state = {"weight": torch.tensor([[1.5]])}
    rest = {"networks": state, "average": state, "step": 7}
    path = tmp_path / "line.ckpt"
    torch.save({"bare weights": state, "average alone": {"average": state}, "networks": rest}[form], path)
    run = TrainingRun(line(), line_options(tmp_path))
    assert run.task.model.weight.item() == run.average.weight.item() == averaged_weights(path)["weight"].item() == 1.5
    assert run.step == (7 if form == "networks" else 0)


def test_a_gpu_that_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="right would be cpu or auto"):
        device.select_device(argparse.Namespace(device="cuda", threads=1))
    assert device.select_device(argparse.Namespace(device="auto", threads=1)).type == "cpu"


@pytest.fixture
def all_runs(runs, tiny_data):
    """A folder of all checkpoints that commands read."""
    text = text_task(options("text", tiny_data, runs), torch.device("cpu"))
    prior = torch.nn.ModuleDict({"text": TextEncoder(build_tokenizer(vocabulary(), TOKENS).get_vocab_size())})
    for name, model in (("text", text.model), ("prior", prior)):
        torch.save({"average": model.state_dict()}, runs / f"{name}.ckpt")
    drawn = {"surfaces": torch.rand(4, 7, 32, 32).half(), "cameras": torch.rand(4, 25)}
    torch.save(drawn, runs / "generated.pt")
    return runs


def tasks(data, runs, device):
    """Every training task, by name."""
    for module in MODULES:
        found = importlib.import_module(f"galatea_training.train.{module}")
        yield found.task(options(module, data, runs), device)


def test_every_loss_keeps_to_its_device(tiny_data, all_runs, monkeypatch):
    """On an imagined device an operation that mixes in a tensor left on the CPU raises."""
    measured = proportions.Proportions(torch.rand(3, len(NAMES)), torch.rand(3, SHAPES), torch.rand(0), torch.rand(0))
    monkeypatch.setattr(proportions, "proportions_of", lambda assets, runs: measured)
    with FakeTensorMode(allow_non_fake_inputs=True):
        for task in tasks(tiny_data, all_runs, torch.device("meta")):
            for progress in (0.0, 0.99):
                loss = task.loss(progress)
                assert loss.device.type == "meta", task.name
                loss.backward()
            assert all(p.grad is None or p.grad.device.type == "meta" for p in task.model.parameters()), task.name


def test_muon_makes_directions_alike():
    torch.manual_seed(0)
    weights = [nn.Parameter(torch.zeros(256, 40)), nn.Parameter(torch.zeros(32, 8, 3, 3))]
    before = [torch.randn(256, 40) @ torch.diag(torch.logspace(-1, 1, 40)), torch.randn(32, 8, 3, 3)]
    for weight, gradient in zip(weights, before):
        weight.grad = gradient
    Muon(weights, lr=0.1).step()
    for block in (*weights[0].data.split(128), weights[1].data.flatten(1)):
        rows, columns = block.shape
        singular = torch.linalg.svdvals(block) / (0.1 * max(1.0, rows / columns) ** 0.5)
        assert 0.5 < singular.min() and singular.max() < 1.3
    assert (weights[1].data * before[1]).sum() < 0


def test_every_parameter_has_one_optimiser():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4), nn.Sequential(nn.Linear(4, 4)), nn.Linear(4, 2))
    (rest,), (matrices,) = split_for_muon(model, model[:3])
    assert [id(p) for p in matrices["params"]] == [id(model[0].weight), id(model[2][0].weight)]
    assert {id(p) for p in rest["params"]} | {id(p) for p in matrices["params"]} == {id(p) for p in model.parameters()}
    assert len(rest["params"]) + len(matrices["params"]) == len(list(model.parameters()))


@pytest.fixture
def untried():
    precision.quickest.cache_clear()
    yield
    precision.quickest.cache_clear()


@pytest.mark.parametrize("quicker", precision.KINDS)
def test_a_cpu_computes_in_the_type_that_it_is_quicker_in(untried, monkeypatch, quicker):
    monkeypatch.setattr(precision, "convolution_s", lambda kind: 1.0 if kind == quicker else 2.0)
    assert precision.quickest(torch.device("cpu")) == quicker
    with precision.mixed(torch.device("cpu")):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == quicker


def test_a_gpu_computes_in_bfloat16_without_a_trial(untried, monkeypatch):
    monkeypatch.setattr(precision, "convolution_s", lambda kind: pytest.fail("there was a trial"))
    assert precision.quickest(torch.device("cuda")) == torch.bfloat16


def test_a_trial_takes_time_in_either_type():
    assert all(precision.convolution_s(kind) > 0 for kind in precision.KINDS)
