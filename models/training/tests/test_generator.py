import numpy as np
import torch

from galatea_training import generator
from galatea_training.camera import camera
from galatea_training.train_generator import landmark_weight


def tiny_render():
    torch.manual_seed(0)
    return generator.Render((0.5, 0.4, 0.3)).eval()


def cameras(*yaws):
    return torch.from_numpy(np.stack([camera(yaw, 0.1) for yaw in yaws]))


def test_rays_of_the_middle_meet_the_origin():
    origin, direction = tiny_render().rays(cameras(0.4), 65)
    middle = direction[0, 65 * 32 + 32]
    assert torch.allclose(origin[0] + 2.7 * middle, torch.zeros(3), atol=1e-5)


def test_rays_start_before_a_ball_in_the_hull():
    render = tiny_render()
    cells = torch.linspace(-0.5, 0.5, generator.HULL_SIZE)
    ball = torch.stack(torch.meshgrid(cells, cells, cells, indexing="ij")).norm(dim=0) < 0.2
    render.hull.copy_(ball.flatten())
    depth = render.entry(cameras(0.0, 0.5), 16).view(2, 16, 16)
    assert torch.allclose(depth[:, 8, 8], torch.full((2,), 2.5), atol=0.06)


def test_rows_of_a_picture_are_independent():
    render = tiny_render()
    planes, w = torch.randn(2, 3, 16, 64, 64), torch.zeros(2, generator.LAYERS, 128)
    both = render(planes, w, cameras(0.1, -0.4))
    assert torch.allclose(render(planes[1:], w[1:], cameras(-0.4)), both[1:], atol=1e-5)


def test_a_solid_point_is_seen_where_the_camera_projects_it():
    render = tiny_render()
    planes = torch.zeros(1, 3, 16, 64, 64)
    at = int((0.2 / generator.HALF_EXTENT + 1) / 2 * 64)
    planes[0, 0, 0, :, at] = 1  # the xy plane: a wall at x = 0.2
    with torch.no_grad():
        for layer in (render.decoder.first, render.decoder.second):
            layer.weight.zero_()
            layer.bias.zero_()
        render.decoder.first.weight[0, 0] = 1
        render.decoder.second.weight[0, 0] = 20
        render.decoder.second.bias[0] = -10
    coverage = render.features(planes, cameras(0.0), 64)[0, 0]
    column = coverage[32].argmax().item()
    assert 48 <= column <= 56


def test_landmarks_weigh_most_at_the_eyes_and_mouth():
    weight = landmark_weight(cameras(0.0), 128)[0, 0]
    assert weight[52:62, 42:50].mean() > 3 and weight[4, 4] < 1.01


def test_the_last_row_of_a_latent_moves_the_light_alone():
    render = tiny_render()
    planes, w = torch.randn(1, 3, 16, 64, 64), torch.zeros(1, generator.LAYERS, 128)
    moved, other = w.clone(), w.clone()
    moved[:, -1, :9] = 1.0
    other[:, :-1] = 1.0
    camera = cameras(0.0)
    assert torch.allclose(render.light(moved), render.light_mean + render.light_scale)
    assert torch.equal(render(planes, w, camera), render(planes, other, camera))


def test_a_basis_measures_heads_in_units_of_their_spread():
    torch.manual_seed(1)
    mixing = torch.randn(40, 1280)
    styles = (torch.randn(4000, 40) @ mixing + 3.0).view(-1, 10, 128)
    basis = generator.Basis()
    basis.fit(styles, floor=0.1)
    back = (styles.flatten(1) - basis.mean) @ basis.inverse()
    assert torch.allclose(back[:, :40].std(0), torch.ones(40), atol=0.1)
    assert back[:, 40:].std(0).max() < 0.01
    w = torch.nn.functional.pad(back.view(-1, 10, 128), [0, 0, 0, generator.RESIDUAL + 1])
    assert torch.allclose(basis(w), styles, atol=0.05)


def test_a_residual_adds_to_one_place_of_the_features_and_starts_at_nothing():
    torch.manual_seed(2)
    planes = generator.PlanesOfLatent(generator.Planes()).eval()
    planes.fit(torch.randn(24, generator.STYLES, 128))
    w = torch.zeros(1, generator.LAYERS, 128)
    assert torch.equal(planes(w), planes.planes(planes.basis(w)))
    moved = w.clone()
    size = generator.RESIDUAL_SIZE
    moved[:, generator.STYLES : -1].view(1, -1, size, size)[0, 0, 8, 24] = 1.0
    added = planes.residual(moved)[0]
    assert torch.allclose(added[:, 8, 24], planes.residual.axes[0]) and added.count_nonzero() == added.shape[0]
    change = (planes(moved) - planes(w)).abs().sum(dim=(0, 1, 2))
    assert change[16, 48] > 0 and change[:4].max() == 0 and change[:, :8].max() == 0
