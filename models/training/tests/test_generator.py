import numpy as np
import pytest
import torch

from galatea_training.networks.generator import VISIBLE, Generator, LatentRenderer
from galatea_training.networks.latent import LAYERS, RESIDUAL, RESIDUAL_SIZE, STYLES, Basis
from galatea_training.networks.planes import LatentPlanes, Planes, doubled
from galatea_training.networks.volume import HALF_EXTENT, HULL_SIZE, SURFACE, VolumeRenderer
from galatea_training.networks.warp import KNOTS, KNOTS_EXTENT
from galatea_training.render.camera import camera
from galatea_training.train.picture_losses import landmark_weight

LATTICE = (KNOTS,) * 3


def tiny_render():
    torch.manual_seed(0)
    return VolumeRenderer((0.5, 0.4, 0.3)).eval()


def tiny_render_of_latent():
    torch.manual_seed(0)
    made = Generator(5, (0.5, 0.4, 0.3))
    torch.nn.init.normal_(made.warp.read.weight, std=0.03)
    torch.nn.init.normal_(made.warp.bend.weight, std=0.1)
    return LatentRenderer(made, Basis()).eval()


def cameras(*yaws):
    return torch.from_numpy(np.stack([camera(yaw, 0.1) for yaw in yaws]))


def test_rays_of_the_middle_meet_the_origin():
    origin, direction = tiny_render().rays(cameras(0.4), 65)
    middle = direction[0, 65 * 32 + 32]
    assert torch.allclose(origin[0] + 2.7 * middle, torch.zeros(3), atol=1e-5)


def test_rays_start_before_a_ball_in_the_hull():
    render = tiny_render()
    cells = torch.linspace(-0.5, 0.5, HULL_SIZE)
    ball = torch.stack(torch.meshgrid(cells, cells, cells, indexing="ij")).norm(dim=0) < 0.2
    render.hull.copy_(ball.flatten())
    depth = render.entry(cameras(0.0, 0.5), 16).view(2, 16, 16)
    assert torch.allclose(depth[:, 8, 8], torch.full((2,), 2.5), atol=0.06)


def test_rows_of_a_batch_are_independent():
    render = tiny_render_of_latent()
    planes, w = torch.randn(2, 3, 16, 64, 64), torch.randn(2, LAYERS, 128)
    both = render(planes, w, cameras(0.1, -0.4))
    assert torch.allclose(render(planes[1:], w[1:], cameras(-0.4)), both[1:], atol=1e-5)


@pytest.mark.parametrize(("visible", "bias", "close"), [(1.0, 0.0, 1e-6), (VISIBLE, -8.0, 0.05)])
def test_a_gradient_through_what_is_visible_is_that_through_all_samples(visible, bias, close):
    render = tiny_render()
    torch.nn.init.normal_(render.decoder.second.weight)
    torch.nn.init.constant_(render.decoder.second.bias, bias)  # below 0, most samples are empty
    smooth = doubled(doubled(torch.randn(2, 48, 16, 16)))  # as planes of heads are
    planes = 4 * smooth.view(2, 3, 16, 64, 64)
    given = [x.requires_grad_() for x in (planes, 0.02 * torch.randn(2, 3, *LATTICE))]
    direction = torch.randn(2, SURFACE, 128, 128)

    def drawn(share):
        render.visible = share
        surface = render.surface(*given, cameras(0.1, -0.4))
        return surface.detach(), *torch.autograd.grad((surface * direction).sum(), given)

    for ours, theirs in zip(drawn(visible), drawn(0.0)):
        assert (ours - theirs).norm() < close * theirs.norm()


@pytest.mark.parametrize("moved", [0.0, 0.05])
def test_a_solid_point_is_seen_where_the_camera_projects_it(moved):
    render = tiny_render()
    planes = torch.zeros(1, 3, 16, 64, 64)
    at = int((0.2 / HALF_EXTENT + 1) / 2 * 64)
    planes[0, 0, 0, :, at] = 1  # the xy plane: a wall at x = 0.2
    with torch.no_grad():
        for layer in (render.decoder.first, render.decoder.second):
            layer.weight.zero_()
            layer.bias.zero_()
        render.decoder.first.weight[0, 0] = 1
        render.decoder.second.weight[0, 0] = 20
        render.decoder.second.bias[0] = -10
    warp = torch.zeros(1, 3, *LATTICE)
    warp[:, 0] = moved  # what is at x lies at x + moved in the mean head
    coverage = render.features(planes, warp, cameras(0.0), 64)[0, 0]
    column = coverage[32].argmax().item()
    assert abs(column - (52 - moved / 0.01)) <= 4


def test_a_warp_is_linear_between_its_knots_and_level_beyond():
    torch.manual_seed(3)
    warp = torch.randn(2, 3, *LATTICE)
    points = torch.rand(2, 50, 3) - 0.5
    knots = np.linspace(-KNOTS_EXTENT, KNOTS_EXTENT, KNOTS)
    moved = tiny_render().warped(points, warp) - points
    for head, point, axis in np.ndindex(2, 50, 3):
        wanted = warp[head, axis].numpy()
        for at in points[head, point]:  # along x, y and z, the last dimension first
            wanted = np.apply_along_axis(lambda line: np.interp(at, knots, line), -1, wanted)
        assert np.isclose(moved[head, point, axis], wanted, atol=1e-5)


def test_a_packed_render_reads_the_warp_from_coordinates_of_w():
    torch.manual_seed(4)
    made = Generator(5, (0.5, 0.4, 0.3)).requires_grad_(False)
    torch.nn.init.normal_(made.warp.read.weight)
    torch.nn.init.normal_(made.warp.bend.weight, std=0.1)
    basis = Basis()
    basis.fit(torch.randn(2000, STYLES, 128), floor=0.3)
    w = torch.randn(2, LAYERS, 128)
    packed = LatentRenderer(made, basis)
    assert torch.allclose(packed.warp(w), made.warp(basis(w)), atol=1e-3)


def test_landmarks_weigh_most_at_the_eyes_and_mouth():
    weight = landmark_weight(cameras(0.0), 128)[0, 0]
    assert weight[52:62, 42:50].mean() > 3 and weight[4, 4] < 1.01


def test_the_last_layer_of_a_latent_moves_the_light_alone():
    packed = tiny_render_of_latent()
    w = torch.zeros(1, LAYERS, 128)
    moved, other = w.clone(), w.clone()
    moved[:, -1, :9] = 1.0
    other[:, :-1] = 1.0
    render = packed.render
    assert torch.allclose(render.light(moved), render.light_mean + render.light_scale)
    assert torch.equal(packed.warp(w), packed.warp(moved))
    assert torch.equal(render.light(w), render.light(other))


def test_a_basis_measures_heads_in_units_of_their_spread():
    torch.manual_seed(1)
    mixing = torch.randn(40, 1280)
    styles = (torch.randn(4000, 40) @ mixing + 3.0).view(-1, 10, 128)
    basis = Basis()
    basis.fit(styles, floor=0.1)
    back = (styles.flatten(1) - basis.mean) @ basis.inverse()
    assert torch.allclose(back[:, :40].std(0), torch.ones(40), atol=0.1)
    assert back[:, 40:].std(0).max() < 0.01
    w = torch.nn.functional.pad(back.view(-1, 10, 128), [0, 0, 0, RESIDUAL + 1])
    assert torch.allclose(basis(w), styles, atol=0.05)


def test_a_residual_adds_to_one_place_of_the_features_and_starts_at_nothing():
    torch.manual_seed(2)
    planes = LatentPlanes(Planes()).eval()
    planes.fit(torch.randn(24, STYLES, 128))
    w = torch.zeros(1, LAYERS, 128)
    assert torch.equal(planes(w), planes.planes(planes.basis(w)))
    moved = w.clone()
    size = RESIDUAL_SIZE
    moved[:, STYLES : -1].view(1, -1, size, size)[0, 0, 8, 24] = 1.0
    added = planes.residual(moved)[0]
    assert torch.allclose(added[:, 8, 24], planes.residual.axes[0]) and added.count_nonzero() == added.shape[0]
    change = (planes(moved) - planes(w)).abs().sum(dim=(0, 1, 2))
    assert change[16, 48] > 0 and change[:4].max() == 0 and change[:, :8].max() == 0
