"""Photographs made up of rendered people, and the networks that align and matte them."""

import math

import numpy as np
import pytest
import torch

from galatea_training.data import backdrops, camera_effects, snapshots, wide_views
from galatea_training.evaluate.photographs import Square, cut
from galatea_training.networks.alignment import ALIGN_SIZE, ALIGN_WIDTH, Align, Points
from galatea_training.networks.matting import Matte, matted
from galatea_training.render import people, wide_renderer
from galatea_training.train.align import missed
from galatea_training.train.photo_encoder import guessed


def framing(middle=(0.5, 0.5), side=0.6, roll=0.0, mirrored=False) -> snapshots.Framing:
    return snapshots.Framing(
        torch.tensor([middle]), torch.tensor([side]), torch.tensor([roll]), torch.tensor([mirrored])
    )


@pytest.mark.parametrize("roll", [0.0, 0.4, -0.4])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_point_is_seen_where_the_crop_shows_it(roll, mirrored):
    wide = torch.zeros(1, 1, 216, 216)
    wide[:, :, 84:87, 120:123] = 1.0
    frame = framing((0.52, 0.47), 0.7, roll, mirrored)
    x, y = frame.seen(torch.tensor([[[121.5 / 216, 85.5 / 216]]]))[0, 0].tolist()
    place = frame.cut(wide, 128)[0, 0].argmax().item()
    assert abs(place % 128 + 0.5 - 128 * x) < 2 and abs(place // 128 + 0.5 - 128 * y) < 2


def test_a_head_leans_clockwise_by_the_roll_of_its_crop():
    points = framing(roll=0.3).seen(torch.tensor([[[0.5, 0.5], [0.6, 0.5]]]))[0]
    right = points[1] - points[0]
    assert math.atan2(right[1], right[0]) == pytest.approx(0.3, abs=1e-5)


def test_the_pivot_is_in_the_middle_from_any_distance_and_the_crop_of_one_size():
    step = np.array([[0.0, 0.0, 0.0], [0.0, 0.1, 0.0]])
    seen = [wide_renderer.seen_at(step, wide_views.wide_camera(0.0, 0.0, distance)) for distance in (1.3, 2.7, 6.0)]
    assert all(np.allclose(points[0], 0.5) for points in seen)
    assert np.ptp([points[1, 1] for points in seen]) < 1e-6


def test_the_shader_of_people_is_that_of_heads_without_its_end():
    shader = wide_renderer.fragment_shader()
    assert shader.count("out vec4") == 3 and "> 0.47) discard" not in shader


def test_rows_of_people_are_the_same_when_they_are_drawn_again():
    (one, cameras), (again, same) = wide_views.draw_row("train", 3), wide_views.draw_row("train", 3)
    assert np.array_equal(one.params, again.params) and np.array_equal(one.identity, again.identity)
    assert one.expression == again.expression and np.array_equal(cameras, same)
    assert not np.array_equal(one.params, wide_views.draw_row("val", 3)[0].params)


def test_mirrored_landmarks_change_sides_and_come_back():
    order = np.array(snapshots._MIRRORED)
    assert np.array_equal(order[order], np.arange(len(order)))
    assert order[people.LANDMARKS.index("eye_left")] == people.LANDMARKS.index("eye_right")


def people_of(folder) -> snapshots.WideViews:
    """Two dummies in three views: a disc of skin before nothing, all of it bare head."""
    rng, size = np.random.default_rng(0), wide_views.SIZE
    y, x = np.mgrid[:size, :size] / size - 0.5
    buffers = np.zeros((2, 3, wide_renderer.CHANNELS, size, size), np.uint8)
    buffers[:, :, :] = np.where(x * x + y * y < 0.04, 200, 0)
    buffers[:, :, 3] = np.where(x * x + y * y < 0.04, 255, 0)
    buffers[:, :, 8:] = 255
    cameras = np.stack([[wide_views.wide_camera(0.1 * i, 0.0) for i in range(3)]] * 2)
    marks = 0.5 + 0.1 * rng.standard_normal((2, 3, 6 + len(people.GRID), 2)).astype(np.float32)
    for name, array in {
        "buffers": buffers,
        "cameras": cameras,
        "landmarks": marks,
        "done": np.ones(2, np.uint8),
    }.items():
        np.save(folder / f"{name}.npy", array)
    np.save(folder / "params.npy", np.zeros((2, 3), np.float32))
    return snapshots.WideViews(folder)


def test_a_photograph_keeps_its_labels_clean(tmp_path):
    torch.manual_seed(0)
    heads, views = np.array([0, 1] * 8), np.array([0, 1, 2, 0] * 4)
    seen = people_of(tmp_path).snapshots(heads, views, snapshots.framing_about(16, (1.0, 1.3), 0.05, 0.3), 112)
    assert seen.picture.shape == (16, 3, 112, 112) and seen.picture.abs().max() <= 1
    assert seen.matte.min() >= 0 and seen.matte.max() <= 1
    assert torch.allclose(seen.angles[:, 0], 0.1 * torch.tensor(views).float(), atol=1e-5)
    assert seen.light.shape == (16, 9) and seen.light.isfinite().all()


def test_what_hides_a_head_is_no_part_of_it():
    torch.manual_seed(1)
    points = torch.full((8, 11, 2), 0.5)
    points[:, :5] += torch.tensor(people.FRAME)
    for hide in (snapshots._hat, snapshots._thing):
        picture, matte = hide(torch.zeros(8, 3, 96, 96), torch.ones(8, 1, 96, 96), points)
        changed = (picture.abs().sum(1, keepdim=True) > 0.3).float()
        assert (matte * changed).sum() < 0.35 * changed.sum()
        assert (matte < 0.5).any()


def test_pictures_stay_pictures_through_any_camera():
    torch.manual_seed(2)
    picture = camera_effects.taken(torch.rand(16, 3, 64, 64))
    assert picture.shape == (16, 3, 64, 64) and picture.isfinite().all()
    assert picture.min() >= 0 and picture.max() <= 1


def test_an_even_picture_survives_compression():
    torch.manual_seed(3)
    even = torch.full((8, 3, 64, 64), 0.5)
    assert (camera_effects._compressed(even) - even).abs().max() < 0.12


def test_backdrops_differ(monkeypatch):
    monkeypatch.setattr(backdrops, "_POOL", 100)
    for pool in (backdrops._pool, backdrops._noise_pool):
        pool.cache_clear()
    pictures = backdrops.backdrops(12, 64)
    for pool in (backdrops._pool, backdrops._noise_pool):
        pool.cache_clear()
    assert pictures.min() >= 0 and pictures.max() <= 1
    assert pictures.flatten(1).std(0).mean() > 0.1


class Pointing(torch.nn.Module):
    """Answers with the frame of one crop, whatever it sees."""

    def __init__(self, points: torch.Tensor):
        super().__init__()
        self.points = points

    def forward(self, image):
        return self.points[None], torch.tensor([[0.2, -0.1, 3.0]])


def test_alignment_reads_the_crop_from_its_points():
    x, y, side, roll = 0.55, 0.45, 0.8, 0.25
    c, s = math.cos(roll) * side, math.sin(roll) * side
    frame = [(x + c * u - s * v, y + s * u + c * v) for u, v in people.FRAME]
    said = Align(Pointing(torch.tensor(frame + [(0.1, 0.2)] * 8)))(torch.zeros(1, 3, ALIGN_SIZE, ALIGN_SIZE))[0]
    assert said.shape == (ALIGN_WIDTH,)
    assert said[:6].tolist() == pytest.approx([x, y, side, roll, 0.2, -0.1], abs=1e-5)
    assert said[6] == pytest.approx(1 / (1 + math.exp(-3)), abs=1e-5)


@pytest.mark.parametrize("network, size", [(Align(Points(20)), ALIGN_SIZE), (Matte(), 128)])
def test_networks_can_be_scripted_and_keep_rows_apart(network, size):
    scripted = torch.jit.script(network.eval())
    images = torch.rand(2, 3, size, size) * 2 - 1
    together, alone = scripted(images), scripted(images[1:])
    assert torch.allclose(together[1:], alone, atol=1e-4)


def test_a_missed_crop_is_far_from_the_face_or_turned_over():
    torch.manual_seed(4)
    frame = snapshots.framing_about(64, (1.0, 1.2), 0.05, 0.2)
    missed(frame, torch.arange(64))
    off = (frame.middle - 0.5).norm(dim=1) > 0.2
    assert (off | (frame.roll > 1.3)).all()


def test_a_guessed_matte_is_one_and_near_the_truth():
    torch.manual_seed(5)
    truth = torch.zeros(16, 1, 128, 128)
    truth[:, :, 30:100, 40:90] = 1
    said = guessed(truth)
    assert said.min() >= 0 and said.max() <= 1
    assert 0.001 < (said - truth).abs().mean() < 0.1


def test_a_square_in_a_turned_square_lies_where_that_shows_it():
    window = Square(100.0, 80.0, 50.0, 0.5)
    inner = window.inside(0.7, 0.4, 0.5, 0.1)
    place = window.matrix(100) @ [0.7 * 100 - 0.5, 0.4 * 100 - 0.5, 1.0]
    assert (inner.x, inner.y) == pytest.approx(tuple(place + 0.5))
    assert (inner.side, inner.roll) == pytest.approx((25.0, 0.6))


def test_a_cut_of_an_upright_square_is_that_part_of_the_picture():
    pytest.importorskip("cv2")
    picture = np.random.default_rng(0).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    piece = cut(picture, Square(30.0, 20.0, 20.0), 20)
    assert torch.allclose(
        piece[0].permute(1, 2, 0), torch.from_numpy(picture[10:30, 20:40]).float() / 127.5 - 1, atol=0.01
    )


def test_what_is_not_the_head_becomes_the_backdrop():
    picture = torch.rand(1, 3, 8, 8)
    assert torch.equal(matted(picture, torch.ones(1, 1, 8, 8)), picture)
    assert torch.allclose(
        matted(picture, torch.zeros(1, 1, 8, 8))[0, :, 0, 0], torch.tensor([198, 192, 184]) / 127.5 - 1
    )
