import pytest

from ovd.detection.batch_size import RENEW_AFTER, SAMPLES, SIZES, BatchSize


def learn_all(sizes, batch_s):
    for size in SIZES:
        for _ in range(SAMPLES):
            sizes.learn(size, batch_s(size))


def test_every_size_is_tried_before_one_is_chosen():
    sizes = BatchSize()
    tried = []
    for _ in range(SAMPLES * len(SIZES)):
        tried.append(sizes.limit())
        sizes.learn(tried[-1], 0.1)

    assert set(tried) == set(SIZES)


@pytest.mark.parametrize(
    ("batch_s", "wanted"),
    [
        (lambda size: 0.02 * size, 1),
        (lambda size: 0.02 + 0.0001 * size, 8),
        (lambda size: 0.02 * size * (0.95 if size == 8 else 1.0), 1),
        (lambda size: 0.01 + 0.02 * size if size <= 2 else 0.025 * size, 2),
    ],
    ids=["processor", "gpu", "hardly faster", "small caches"],
)
def test_smallest_batch_is_taken_that_no_larger_one_beats_by_far(batch_s, wanted):
    sizes = BatchSize()

    learn_all(sizes, batch_s)

    assert sizes.limit() == wanted


def test_one_slow_call_decides_nothing():
    sizes = BatchSize()
    learn_all(sizes, lambda size: 0.02 * size)

    sizes.learn(1, 5.0)

    assert sizes.limit() == 1


def test_sizes_are_tried_again_after_many_calls():
    sizes = BatchSize()
    learn_all(sizes, lambda size: 0.02 * size)

    for _ in range(RENEW_AFTER):
        sizes.learn(1, 0.02)

    assert sizes.limit() == SIZES[0]
