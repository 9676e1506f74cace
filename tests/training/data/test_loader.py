import numpy as np
import pytest
import torch

from ovd.errors import SettingsError
from ovd.training.data.augment import NO_AUGMENTATION, AugmentConfig
from ovd.training.data.dataset import load_training_data
from ovd.training.data.loader import BatchMaker, LoaderConfig, epoch_order, load_batches
from ovd.training.text.phrases import PhraseConfig, PhraseSampler
from tests.training.datasets import BOOK, write_dataset

SMALL = LoaderConfig(batch_size=2, min_side_px=64, max_side_px=128, max_area_px=128 * 96, workers=0)


@pytest.fixture
def data(tmp_path):
    rows = [("car", [10, 10, 20, 20]), ("person", [40, 10, 20, 40])]
    files = write_dataset(tmp_path, "gate", {f"{i}.jpg": rows[: i % 3] for i in range(5)})
    return load_training_data([files], BOOK)


def make_maker(data, config=SMALL, augment=None):
    return BatchMaker(
        data, PhraseSampler(BOOK, data.names, PhraseConfig(count=12)), config, augment
    )


def assert_same(a, b):
    assert a.step == b.step
    assert a.targets.phrases == b.targets.phrases
    assert a.file_names == b.file_names
    assert torch.equal(a.images, b.images)
    for one, other in zip(a.boxes, b.boxes, strict=True):
        np.testing.assert_array_equal(one.xyxy, other.xyxy)
    np.testing.assert_array_equal(a.targets.weight, b.targets.weight)


def test_batch_has_one_canvas_for_all_images_and_boxes_inside(data):
    batch = make_maker(data)[0]

    count, channels, height, width = batch.images.shape
    assert (count, channels) == (2, 3)
    assert (height, width) in SMALL.sizes_hw
    assert batch.images.dtype == torch.uint8
    assert batch.images.is_contiguous(memory_format=torch.channels_last)
    assert len(batch.boxes) == len(batch.targets.match) == len(batch.exhaustive) == 2
    for boxes, match in zip(batch.boxes, batch.targets.match, strict=True):
        assert len(boxes) == len(match)
        assert (boxes.xyxy >= 0).all()
        assert (boxes.xyxy <= [width, height, width, height]).all()


def test_batch_depends_on_seed_and_step_alone(data):
    maker = make_maker(data)
    for step in range(3):
        maker[step]

    assert_same(maker[7], make_maker(data)[7])


def test_batches_differ_between_steps_and_seeds(data):
    maker = make_maker(data)
    other = make_maker(data, LoaderConfig(**(vars(SMALL) | {"seed": 1})))

    assert maker[0].targets.phrases != maker[1].targets.phrases
    assert maker[0].targets.phrases != other[0].targets.phrases


@pytest.mark.parametrize("workers", [0, 2])
def test_resumed_batches_equal_those_of_an_unbroken_run(data, workers):
    config = LoaderConfig(**(vars(SMALL) | {"workers": workers}))
    maker = make_maker(data, config)

    unbroken = list(load_batches(maker, config, range(6)))
    resumed = list(load_batches(maker, config, range(3, 6)))

    assert [batch.step for batch in unbroken] == list(range(6))
    for a, b in zip(unbroken[3:], resumed, strict=True):
        assert_same(a, b)


def test_epoch_draws_every_image_once(data):
    config = LoaderConfig(**(vars(SMALL) | {"batch_size": 5}))
    maker = make_maker(data, config, NO_AUGMENTATION)

    first, second = maker[0].file_names, maker[1].file_names

    assert sorted(first) == sorted(second) == [f"gate/{i}.jpg" for i in range(5)]


def test_mosaics_join_images_of_the_source(data):
    maker = make_maker(data, augment=AugmentConfig(mosaic=1.0))

    assert max(len(boxes) for step in range(8) for boxes in maker[step].boxes) > 2


def test_sizes_are_multiples_of_32_within_the_limits():
    sizes = LoaderConfig().sizes_hw

    assert (320, 320) in sizes
    assert (512, 512) in sizes
    assert (320, 512) in sizes
    assert all(side % 32 == 0 and 320 <= side <= 512 for size in sizes for side in size)
    assert all(0.8 <= width / height <= 1.8 for height, width in sizes)


@pytest.mark.parametrize(
    "changes",
    [{"min_side_px": 100}, {"min_side_px": 640}, {"max_side_px": 2048}, {"max_area_px": 1000},
     {"batch_size": 0}, {"min_side_px": 0}],
)  # fmt: skip
def test_loader_config_refuses_invalid_sizes(changes):
    with pytest.raises(SettingsError):
        LoaderConfig(**changes)


def test_epoch_order_draws_in_proportion_to_the_weights():
    weights = np.array([1.0, 1.0, 2.0, 0.5, 0.0, 1.5])

    counts = sum(np.bincount(epoch_order(weights, (0, epoch)), minlength=6) for epoch in range(200))

    np.testing.assert_allclose(counts / 200, weights, atol=0.12)
    assert counts[4] == 0


def test_epoch_order_draws_each_image_its_share_give_or_take_one():
    weights = np.array([1.6, 0.4, 1.0, 1.0])

    for epoch in range(20):
        counts = np.bincount(epoch_order(weights, (3, epoch)), minlength=4)
        assert counts.sum() == 4
        assert (np.abs(counts - weights) < 1).all()
