import pytest
import torch
from agreement import assert_agrees, errors_in_half, pictures
from torch.nn import functional as F

from galatea_export import arcface
from galatea_export.checkpoints.state import CheckpointError
from galatea_export.ir_se50 import IrSe50
from galatea_export.mobilefacenet import MobileFaceNet
from galatea_export.random_weights.state import random_state


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("arcface") / "model_ir_se50.pth"
    torch.save(random_state(IrSe50(16, 128), 3), path)
    return path


@pytest.fixture(scope="module")
def mobile(tmp_path_factory):
    path = tmp_path_factory.mktemp("mobile") / "mobilefacenet.pt"
    torch.save(random_state(MobileFaceNet(16, 32), 4), path)
    return path


def areas(x, size):
    """Means over areas by two matrix products: output i is that of inputs ⌊i n / size⌋ to ⌈(i + 1) n / size⌉."""
    n = x.shape[-1]
    matrix = torch.zeros(size, n, dtype=x.dtype)
    for i in range(size):
        start, end = i * n // size, -(-(i + 1) * n // size)
        matrix[i, start:end] = 1 / (end - start)
    return matrix @ x @ matrix.T


def norm(s, name, x):
    shape = (1, -1, *[1] * (x.dim() - 2))
    mean, variance, weight, bias = (
        s[f"{name}.{part}"].view(shape) for part in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / (variance + 1e-5).sqrt() * weight + bias


def unit(x):
    return x / x.norm(dim=1, keepdim=True)


def ir_se50(state):
    """The published architecture restated in float64."""
    s = {key: value.double() for key, value in state.items()}

    def prelu(name, x):
        return torch.where(x > 0, x, x * s[name].view(1, -1, 1, 1))

    def network(image):
        x = areas(areas(image, 256)[:, :, 35:223, 32:220], 112)
        x = prelu("input_layer.2.weight", norm(s, "input_layer.1", F.conv2d(x, s["input_layer.0.weight"], padding=1)))
        for i in range(24):
            stride = 2 if i in (0, 3, 7, 21) else 1
            b = f"body.{i}"
            y = F.conv2d(norm(s, f"{b}.res_layer.0", x), s[f"{b}.res_layer.1.weight"], padding=1)
            y = F.conv2d(prelu(f"{b}.res_layer.2.weight", y), s[f"{b}.res_layer.3.weight"], padding=1, stride=stride)
            y = norm(s, f"{b}.res_layer.4", y)
            squeezed = F.conv2d(y.mean((2, 3), keepdim=True), s[f"{b}.res_layer.5.fc1.weight"]).relu()
            y = y * F.conv2d(squeezed, s[f"{b}.res_layer.5.fc2.weight"]).sigmoid()
            x = x[:, :, ::stride, ::stride]
            if f"{b}.shortcut_layer.0.weight" in s:
                x = norm(s, f"{b}.shortcut_layer.1", F.conv2d(x, s[f"{b}.shortcut_layer.0.weight"]))
            x = x + y
        x = norm(s, "output_layer.0", x).flatten(1) @ s["output_layer.3.weight"].T + s["output_layer.3.bias"]
        return unit(norm(s, "output_layer.4", x))

    return network


def mobilefacenet(state):
    """The published architecture restated in float64."""
    s = {key: value.double() for key, value in state.items()}

    def conv(name, x, stride=1, groups=1):
        w = s[f"{name}.0.weight"]
        return norm(s, f"{name}.1", F.conv2d(x, w, stride=stride, padding=w.shape[2] // 2, groups=groups)).clamp(0, 6)

    def network(image):
        x = areas(areas(image, 256)[:, :, 35:223, 32:220], 112)
        colours = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]], dtype=torch.float64).view(2, 1, 3, 1, 1)
        # Of RGB in [-1, 1], and as float32 holds them: else their rounding alone turns rectifiers.
        mean, deviation = (2 * colours[0] - 1).float(), (2 * colours[1]).float()
        x = conv("conv1", (x - mean) / deviation, 2)
        x = norm(s, "dw_conv.bn1", F.conv2d(x, s["dw_conv.depthwise.weight"], padding=1, groups=x.shape[1])).relu()
        x = norm(s, "dw_conv.bn2", F.conv2d(x, s["dw_conv.pointwise.weight"])).relu()
        for i in range(15):
            f = f"features.{i}.conv"
            y = conv(f"{f}.0", x)
            y = conv(f"{f}.1", y, 2 if i in (0, 5, 12) else 1, y.shape[1])
            y = norm(s, f"{f}.3", F.conv2d(y, s[f"{f}.2.weight"]))
            x = x + y if x.shape == y.shape else y
        x = conv("conv2", x)
        x = norm(s, "gdconv.bn", F.conv2d(x, s["gdconv.depthwise.weight"], groups=x.shape[1]))
        return unit(norm(s, "bn", F.conv2d(x, s["conv3.weight"], s["conv3.bias"])).flatten(1))

    return network


@pytest.mark.parametrize("batch", [1, 3])
def test_ir_se50_agrees_with_its_restatement_forward_and_backward(checkpoint, batch):
    network = arcface.load(checkpoint)
    assert_agrees(network, ir_se50(torch.load(checkpoint)), batch, 256 if batch > 1 else 512)


@pytest.mark.parametrize("batch", [1, 3])
def test_mobilefacenet_agrees_with_its_restatement_forward_and_backward(mobile, batch):
    network = arcface.load(mobile)
    assert_agrees(network, mobilefacenet(torch.load(mobile)), batch, 256)


def test_the_full_size_has_the_published_names_and_512_numbers(tmp_path):
    arcface.random_checkpoint(tmp_path / "ir.pth", 1, reduced=False)
    state = torch.load(tmp_path / "ir.pth")
    assert state["body.23.res_layer.5.fc1.weight"].shape == (32, 512, 1, 1)
    assert state["body.3.shortcut_layer.0.weight"].shape == (128, 64, 1, 1)
    assert state["output_layer.3.weight"].shape == (512, 25088)
    network = arcface.load(tmp_path / "ir.pth")
    assert arcface.width_of(network) == 512
    assert sum(value.numel() for value in network.network.parameters()) == 43_797_696


def test_embeddings_are_unit_vectors_in_every_mode(checkpoint):
    network, image = arcface.load(checkpoint), pictures(2, 64)
    embedding = network(image)
    assert torch.allclose(embedding.norm(dim=1), torch.ones(2), atol=1e-5)
    assert torch.equal(network.train()(image), embedding)


@pytest.mark.parametrize(("half", "limit", "gradient_limit"), [("fp16", 0.005, 0.1), ("bf16", 0.03, 0.3)])
def test_half_precision_keeps_the_gradient(checkpoint, half, limit, gradient_limit):
    forward, backward = errors_in_half(arcface.load(checkpoint), arcface.load(checkpoint, half), pictures(1, 256))
    assert forward < limit and backward < gradient_limit


def test_a_missing_key_and_a_wrong_shape_are_named(checkpoint, tmp_path):
    state = torch.load(checkpoint)
    del state["body.7.res_layer.4.running_var"]
    torch.save(state, tmp_path / "short.pth")
    with pytest.raises(CheckpointError, match="lacks 'body.7.res_layer.4.running_var'"):
        arcface.load(tmp_path / "short.pth")
    state = torch.load(checkpoint)
    state["body.2.res_layer.1.weight"] = torch.zeros(16, 16, 5, 5)
    torch.save(state, tmp_path / "wrong.pth")
    with pytest.raises(CheckpointError, match=r"'body.2.res_layer.1.weight' has the shape \[16, 16, 5, 5\]"):
        arcface.load(tmp_path / "wrong.pth")
