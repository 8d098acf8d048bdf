import dpr_reference
import numpy as np
import pytest
import torch
from agreement import assert_agrees, errors_in_half, pictures

from galatea_export import lighting
from galatea_export.checkpoints.state import CheckpointError


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("lighting") / "trained_model_03.t7"
    lighting.random_checkpoint(path, 2, reduced=True)
    return path


def contract_basis(directions):
    """The pack contract's basis, from docs/pack.md."""
    x, y, z = np.moveaxis(directions, -1, 0)
    c1, c2 = np.sqrt(3 / (4 * np.pi)), np.sqrt(15 / (4 * np.pi))
    one, flat = np.full_like(x, np.sqrt(1 / (4 * np.pi))), np.sqrt(5 / (16 * np.pi)) * (3 * z * z - 1)
    return np.stack(
        [one, c1 * y, c1 * z, c1 * x, c2 * x * y, c2 * y * z, flat, c2 * x * z, c2 / 2 * (x * x - y * y)], -1
    )


def lightness_by_definition(image):
    """L*/100 of colours within the gamut (CIE 1976, IEC 61966-2-1)."""
    encoded = (image + 1) / 2
    linear = torch.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    y = (linear * torch.tensor([0.2126, 0.7152, 0.0722], dtype=image.dtype).view(1, 3, 1, 1)).sum(1, keepdim=True)
    return torch.where(y > 216 / 24389, 1.16 * y ** (1 / 3) - 0.16, 24389 / 2700 * y)


def reference(state):
    """Lightness, DPR and the change of basis, by sampled directions, in float64."""
    state = {key: value.double() for key, value in state.items()}
    directions = np.random.default_rng(0).normal(size=(64, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    x, y, z = directions.T
    radiance = dpr_reference.basis(np.stack([x, -z, y], axis=1))
    change = torch.from_numpy(np.pi * np.linalg.pinv(contract_basis(directions)) @ radiance)

    def network(image):
        large = torch.nn.functional.interpolate(image, size=(512, 512), mode="bilinear", align_corners=False)
        return dpr_reference.estimate(state, lightness_by_definition(large)) @ change.T

    return network


@pytest.mark.parametrize("batch", [1, 3])
def test_agrees_with_its_restatement_forward_and_backward(checkpoint, batch):
    network = lighting.load(checkpoint)
    assert_agrees(network, reference(torch.load(checkpoint)), batch, 512 if batch == 1 else 128)


def test_shading_is_dprs_shading_over_all_normals():
    normals = np.random.default_rng(1).normal(size=(100, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    x, y, z = normals.T
    lobe = np.array([np.pi] + [2 * np.pi / 3] * 3 + [np.pi / 4] * 5)
    dpr = np.random.default_rng(2).normal(size=9)
    light = np.pi * lighting.dpr_to_picture().double().numpy() @ dpr
    wanted = dpr_reference.basis(np.stack([x, -z, y], axis=1)) @ (lobe * dpr)
    assert np.allclose(contract_basis(normals) @ (lobe / np.pi * light), wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("colour", "wanted"),
    [((1, -1, -1), 0.532408), ((-1, 1, -1), 0.877347), ((-1, -1, 1), 0.322970), ((1, 1, 1), 1.0), ((-1, -1, -1), 0.0)],
)
def test_lightness_is_cies(colour, wanted):
    image = torch.tensor(colour, dtype=torch.float64).view(1, 3, 1, 1)
    assert lighting.lightness(image).item() == pytest.approx(wanted, abs=1e-4)


def test_no_colour_gives_a_gradient_that_is_not_a_number():
    special = torch.tensor([-1e4, -3.0, -1.1, -1.0, -0.97, -0.9191, -0.9190, 0.0, 1.0, 1.5, 40.0, 1e4])
    image = torch.cartesian_prod(special, special, special).T.reshape(1, 3, -1, 1).requires_grad_()
    lightness = lighting.lightness(image)
    lightness.sum().backward()
    assert lightness.isfinite().all() and image.grad.isfinite().all() and (image.grad >= 0).all()


def test_lightness_is_continuous_and_rises_through_the_gamuts_ends():
    grey = torch.linspace(-1.5, 1.5, 30001, dtype=torch.float64).view(1, 1, -1, 1).expand(1, 3, -1, 1)
    steps = lighting.lightness(grey)[0, 0, :, 0].diff()
    assert (steps > 0).all() and steps.max() < 2e-4


def test_training_mode_changes_nothing(checkpoint):
    network, image = lighting.load(checkpoint), pictures(2, 64)
    given = network(image)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    assert torch.equal(network.train()(image), given)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


@pytest.mark.parametrize(("half", "limit", "gradient_limit"), [("fp16", 0.005, 0.6), ("bf16", 0.02, 0.9)])
def test_half_precision_keeps_the_gradient(checkpoint, half, limit, gradient_limit):
    forward, backward = errors_in_half(lighting.load(checkpoint), lighting.load(checkpoint, half), pictures(1, 512))
    assert forward < limit and backward < gradient_limit


def test_a_missing_key_is_named(checkpoint, tmp_path):
    state = torch.load(checkpoint)
    del state["HG1.low1.conv2.weight"]
    torch.save(state, tmp_path / "short.t7")
    with pytest.raises(CheckpointError, match="lacks 'HG1.low1.conv2.weight'"):
        lighting.load(tmp_path / "short.t7")


def test_the_network_of_1024_pixels_is_told_from_this_one(checkpoint, tmp_path):
    state = torch.load(checkpoint) | {"HG4.low1.conv1.weight": torch.zeros(4, 4, 3, 3)}
    torch.save(state, tmp_path / "trained_model_1024_03.t7")
    with pytest.raises(CheckpointError, match="has 'HG4.low1.conv1.weight', which this architecture does not"):
        lighting.load(tmp_path / "trained_model_1024_03.t7")
