import pytest
import torch
from agreement import assert_agrees, errors_in_half, forward_and_gradient, pictures, relative_error
from torch.nn import functional as F

from galatea_export import perceptual
from galatea_export.checkpoints.state import CheckpointError

CONVOLUTIONS = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
POOLED_AFTER = TAPPED_AFTER = (2, 7, 14, 21, 28)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """VGG16, the heads, and NVIDIA's form of the same."""
    folder = tmp_path_factory.mktemp("perceptual")
    vgg, heads = perceptual.random_parts(16, 5)
    torch.save(vgg.state_dict(), folder / "vgg16.pth")
    torch.save(heads.state_dict(), folder / "vgg.pth")
    published = perceptual.Published(perceptual.Lpips(vgg, heads)).eval()
    torch.jit.script(published).save(str(folder / "vgg16.pt"))
    return folder / "vgg16.pth", folder / "vgg.pth", folder / "vgg16.pt"


def vgg_features(state):
    """The five scales of VGG16, restated."""

    def scales(x):
        found = []
        for i in CONVOLUTIONS:
            x = F.conv2d(x, state[f"features.{i}.weight"], state[f"features.{i}.bias"], padding=1).relu()
            if i in TAPPED_AFTER:
                found.append(x)
            if i in POOLED_AFTER:
                x = F.max_pool2d(x, 2)
        return found

    return scales


def lpips(scales, heads):
    """LPIPS features by the paper, from the scales of a network, in float64."""

    def network(image):
        if image.shape[2] > 256:
            image = F.interpolate(image, size=(256, 256), mode="area")
        colours = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]], dtype=torch.float64).view(2, 1, 3, 1, 1)
        # Of RGB in [-1, 1], and as float32 holds them: else their rounding alone turns maxima the other way.
        mean, deviation = (2 * colours[0] - 1).float(), (2 * colours[1]).float()
        parts = []
        for i, x in enumerate(scales((image - mean) / deviation)):
            normal = x / (x.square().sum(1, keepdim=True) + 1e-10).sqrt()
            weight = heads[f"lin{i}.model.1.weight"].double()
            parts.append((normal * (weight / (x.shape[2] * x.shape[3])).sqrt()).flatten(1))
        return torch.cat(parts, 1)

    return network


def in_double(path):
    return {key: value.double() for key, value in torch.load(path).items()}


@pytest.mark.parametrize(("batch", "size"), [(1, 320), (3, 64)])
def test_state_dicts_agree_with_their_restatement_forward_and_backward(files, batch, size):
    network = perceptual.load(files[0], files[1])
    assert_agrees(network, lpips(vgg_features(in_double(files[0])), torch.load(files[1])), batch, size)


@pytest.mark.parametrize("batch", [1, 3])
def test_the_torchscript_form_agrees_with_the_state_dicts(files, batch):
    network = perceptual.load(files[2])
    image = (64 * pictures(batch, 64)).round() / 64  # which survive the way to pixels of 0 to 255 and back to the bit
    wanted, wanted_gradient, cotangent = forward_and_gradient(perceptual.load(files[0], files[1]), image)
    given, gradient, _ = forward_and_gradient(network, image, cotangent)
    assert relative_error(given, wanted) <= 1e-4 and relative_error(gradient, wanted_gradient) <= 1e-4


def test_the_full_size_agrees_with_torchvision(tmp_path):
    vision = pytest.importorskip("torchvision", reason="torchvision, the reference of VGG16, is not installed")
    with torch.device("meta"):
        features = vision.models.vgg16(weights=None).features
    for layer in features.to_empty(device="cpu"):
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            torch.nn.init.normal_(layer.bias, std=0.1)
        if isinstance(layer, torch.nn.ReLU):
            layer.inplace = False
    torch.save({f"features.{key}": value for key, value in features.state_dict().items()}, tmp_path / "vgg16.pth")
    perceptual.random_checkpoint(tmp_path / "other.pth", 6, reduced=False)
    features = features.double().requires_grad_(False)

    def scales(x):
        found = []
        for i, layer in enumerate(features):
            x = layer(x)
            if i in (3, 8, 15, 22, 29):
                found.append(x)
        return found

    network = perceptual.load(tmp_path / "vgg16.pth", tmp_path / "vgg.pth")
    assert_agrees(network, lpips(scales, torch.load(tmp_path / "vgg.pth")), 3, 32)


def test_a_black_picture_has_a_finite_gradient(files):
    image = torch.full((1, 3, 64, 64), -1.0, requires_grad=True)
    perceptual.load(files[0], files[1])(image).square().sum().backward()
    assert image.grad.isfinite().all()


@pytest.mark.parametrize(("half", "limit", "gradient_limit"), [("fp16", 0.005, 0.2), ("bf16", 0.04, 0.6)])
def test_half_precision_keeps_the_gradient(files, half, limit, gradient_limit):
    network, halved = perceptual.load(files[0], files[1]), perceptual.load(files[0], files[1], half)
    forward, backward = errors_in_half(network, halved, pictures(1, 64))
    assert forward < limit and backward < gradient_limit


def test_what_is_missing_or_too_much_is_named(files, tmp_path):
    with pytest.raises(CheckpointError, match="needs the LPIPS heads"):
        perceptual.load(files[0])
    with pytest.raises(CheckpointError, match="has its own LPIPS heads"):
        perceptual.load(files[2], files[1])
    with pytest.raises(CheckpointError, match="fp32 only, not in fp16"):
        perceptual.load(files[2], half="fp16")
    state = torch.load(files[0])
    del state["features.28.bias"]
    torch.save(state, tmp_path / "short.pth")
    with pytest.raises(CheckpointError, match="lacks 'features.28.bias'"):
        perceptual.load(tmp_path / "short.pth", files[1])


def test_a_truncated_file_is_told_as_that(files, tmp_path):
    (tmp_path / "vgg16.pt").write_bytes(files[2].read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="vgg16.pt cannot be read as a checkpoint"):
        perceptual.load(tmp_path / "vgg16.pt")


def test_heads_below_zero_are_refused(files, tmp_path):
    heads = torch.load(files[1])
    heads["lin3.model.1.weight"][0, 2] = -0.1
    torch.save(heads, tmp_path / "vgg.pth")
    with pytest.raises(CheckpointError, match="'lin3.model.1.weight' has weights below 0"):
        perceptual.load(files[0], tmp_path / "vgg.pth")


def test_another_torchscript_file_is_refused(tmp_path):
    torch.jit.script(torch.nn.Linear(3, 3)).save(str(tmp_path / "linear.pt"))
    with pytest.raises(CheckpointError, match="return_lpips"):
        perceptual.load(tmp_path / "linear.pt")
