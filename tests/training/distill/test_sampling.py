import numpy as np

from ovd.training.distill.sampling import FrameSampler


def make_scene(x=None, brightness=100):
    """Return a grey scene; with a dark object of a fiftieth of the area at `x`."""
    image = np.full((180, 320, 3), brightness, dtype=np.uint8)
    if x is not None:
        image[80:116, x : x + 32] = 10
    return image


def offer(sampler, *images):
    return [sampler.offer(f"{number}.jpg", image).kept for number, image in enumerate(images)]


def test_a_still_scene_gives_one_frame():
    assert offer(FrameSampler(10), *[make_scene()] * 5) == [True, False, False, False, False]


def test_a_small_object_that_moves_is_something_new():
    assert offer(FrameSampler(10), make_scene(), make_scene(20), make_scene(200)) == [True] * 3


def test_a_change_of_the_light_alone_is_not():
    assert offer(FrameSampler(10), make_scene(brightness=100), make_scene(brightness=140)) == [
        True,
        False,
    ]


def test_at_most_the_wanted_number_is_kept_and_those_differ():
    sampler = FrameSampler(8)
    rng = np.random.default_rng(0)

    dropped = set()
    for number in range(60):
        noise = rng.integers(0, 255, (18, 32, 3), dtype=np.uint8)
        choice = sampler.offer(f"{number}.jpg", np.kron(noise, np.ones((10, 10, 1), np.uint8)))
        dropped.update(choice.dropped)

    assert len(sampler.names) == 8
    assert not dropped & set(sampler.names)
