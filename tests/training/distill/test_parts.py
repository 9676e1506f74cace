from ovd.training.distill.frames import KeptFrame
from ovd.training.distill.parts import count_labels, divide, write_dataset
from tests.training.distill.builders import SIZE_HW, make_seen, write_frames

LEAST = {"square": 0.4}
FRAMES = tuple(KeptFrame(f"{number:03d}.png", SIZE_HW) for number in range(40))


def label(*shown):
    return {frame.file_name: [make_seen()] * (at in shown) for at, frame in enumerate(FRAMES)}


def test_two_intervals_are_held_out_and_no_frame_is_in_both_parts():
    parts = divide(FRAMES, label(*range(40)), LEAST)

    assert [frame.file_name for frame in parts.held_out] == [
        f"{number:03d}.png" for number in (0, 1, 2, 3, 20, 21, 22, 23)
    ]
    assert len(parts.learned) == 32
    assert not set(parts.learned) & set(parts.held_out)


def test_intervals_are_chosen_so_that_both_parts_show_the_name():
    labels = label(4, 5, 6, 30, 31, 32)

    parts = divide(FRAMES, labels, LEAST)

    assert count_labels(parts.held_out, labels, LEAST)["square"] == 3
    assert count_labels(parts.learned, labels, LEAST)["square"] == 3


def test_doubtful_labels_become_crowds_and_boxes_stay_inside(tmp_path):
    [frame] = write_frames(tmp_path, 1)
    seen = [
        make_seen(xyxy=(-5.0, 10.0, 20.0, 90.0)),
        make_seen(score=0.3),
        make_seen(xyxy=(79.0, 0.0, 90.0, 20.0)),
        make_seen("other"),
    ]

    dataset = write_dataset(tmp_path / "a.json", [frame], {frame.file_name: seen}, LEAST, tmp_path)

    boxes = dataset.images[0].boxes
    assert [(box.xyxy, box.is_crowd) for box in boxes] == [
        ((0.0, 10.0, 20.0, 60.0), False),
        ((0.0, 0.0, 20.0, 20.0), True),
    ]
    assert dataset.exhaustive == {"square"}
