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
    planes, w = torch.randn(2, 3, 16, 64, 64), torch.zeros(2, 10, 128)
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
    _, alpha = render.features(planes, cameras(0.0), 64)
    column = alpha[0, 0, 32].argmax().item()
    assert 48 <= column <= 56


def test_landmarks_weigh_most_at_the_eyes_and_mouth():
    weight = landmark_weight(cameras(0.0), 128)[0, 0]
    assert weight[52:62, 42:50].mean() > 3 and weight[4, 4] < 1.01
