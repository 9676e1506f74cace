import av
import pytest

from ovd.video.decoding.file_pass import DecodedFrame, MissingInterval
from ovd.video.sampling import ArrivalSampler, sample_by_media_time


def make_images(times_s):
    blank = av.VideoFrame(2, 2, "rgb24")
    return [DecodedFrame(blank, index, time_s) for index, time_s in enumerate(times_s)]


def sample(times_s, sample_fps, interval_s=0.1):
    kept = sample_by_media_time(make_images(times_s), sample_fps, interval_s)
    return [image.index for image in kept]


def steady(count, fps=10.0):
    return [index / fps for index in range(count)]


def test_sampling_takes_the_frame_nearest_to_each_tick():
    assert sample(steady(10), 3.0) == [0, 3, 7]


def test_sampling_does_not_drift_over_an_hour():
    kept = sample(steady(108_000, fps=30.0), 7.0, interval_s=1 / 30)

    assert len(kept) == 7 * 3600
    assert all(abs(index / 30 - tick / 7) <= 0.5 / 30 + 1e-9 for tick, index in enumerate(kept))


@pytest.mark.parametrize("sample_fps", [10.0, 12.0, 30.0, 1000.0])
def test_sampling_faster_than_the_file_gives_every_frame_once(sample_fps):
    assert sample(steady(25), sample_fps) == list(range(25))


def test_sampling_gives_a_frame_once_that_is_nearest_to_many_ticks():
    assert sample([0.0, 5.0, 5.1], 2.0) == [0, 1]


def test_sampling_thins_out_a_burst_in_a_variable_file():
    burst = [2.0 + index / 100 for index in range(100)]

    kept = sample([0.0, 1.0, *burst], 5.0)

    assert len(kept) == 2 + 6


def test_sampling_passes_on_what_was_not_seen_and_looks_at_its_borders():
    images = make_images([0.0, 0.1, 0.2, 3.0, 3.1])
    hole = MissingInterval(0.2, 3.0, "damaged file")

    kept = list(sample_by_media_time([*images[:3], hole, *images[3:]], 10.0, 0.1))

    assert kept == [*images[:3], hole, *images[3:]]


def test_arrival_sampler_keeps_the_mean_rate_of_a_jittery_camera():
    sampler = ArrivalSampler(5.0)
    arrivals = [index / 10 + (0.03 if index % 3 else 0.0) for index in range(300)]

    admitted = [time for time in arrivals if sampler.admits(time)]

    assert len(admitted) == pytest.approx(150, abs=3)


def test_arrival_sampler_at_the_rate_of_the_camera_admits_everything():
    sampler = ArrivalSampler(10.0)
    arrivals = [index / 10 + (0.02 if index % 2 else 0.0) for index in range(100)]

    assert all(sampler.admits(time) for time in arrivals)


def test_arrival_sampler_does_not_burst_after_a_pause():
    sampler = ArrivalSampler(1.0)

    admitted = [time for time in (0.0, 60.0, 60.1, 60.2, 61.0) if sampler.admits(time)]

    assert admitted == [0.0, 60.0, 61.0]


def test_arrival_sampler_without_a_rate_admits_everything():
    sampler = ArrivalSampler(None)

    assert all(sampler.admits(time) for time in (0.0, 0.001, 0.002))
