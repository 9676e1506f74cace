import numpy as np

from ovd.domain.zones import Anchor, Mask, MaskKind
from ovd.services.counting.masking import FrameMasks
from tests.builders import make_detections, make_frame, make_query

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
QUERIES = (make_query("person"), make_query("car"))
FOUND = make_detections(
    (0.0, 0.0, 10.0, 40.0),
    (50.0, 0.0, 60.0, 40.0),
    (0.0, 0.0, 10.0, 40.0),
    labels=("person", "car"),
    label_id=[0, 0, 1],
)
SIZE_HW = (48, 64)


def test_what_stands_in_an_ignore_area_is_not_counted():
    kept = FrameMasks([Mask("a", MaskKind.IGNORE, LEFT)]).keep_counted(FOUND, QUERIES, SIZE_HW)

    assert kept.xyxy[:, 0].tolist() == [50.0]


def test_ignore_area_of_one_query_leaves_the_others_alone():
    masks = FrameMasks([Mask("statue", MaskKind.IGNORE, LEFT, query="person")])

    kept = masks.keep_counted(FOUND, QUERIES, SIZE_HW)

    assert kept.label_id.tolist() == [0, 1]


def test_anchor_decides_what_is_inside():
    top = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.2), (0.0, 0.2))
    feet = FrameMasks([Mask("a", MaskKind.IGNORE, top)])
    heads = FrameMasks([Mask("a", MaskKind.IGNORE, top, Anchor.TOP)])

    assert len(feet.keep_counted(FOUND, QUERIES, SIZE_HW)) == 3
    # A point on the edge of the image is inside an area that reaches it.
    assert len(heads.keep_counted(FOUND, QUERIES, SIZE_HW)) == 0


def test_privacy_area_is_black_and_the_frame_of_the_source_untouched():
    frame = make_frame(200)

    concealed = FrameMasks([Mask("a", MaskKind.PRIVACY, LEFT)]).conceal(frame)

    assert not concealed.image[:, :32].any()
    assert (concealed.image[:, 34:] == 200).all()
    assert (frame.image == 200).all()
    assert concealed.captured_at == frame.captured_at


def test_without_masks_nothing_is_copied():
    frame, masks = make_frame(), FrameMasks([])

    assert masks.conceal(frame) is frame
    assert masks.keep_counted(FOUND, QUERIES, SIZE_HW) is FOUND
    assert np.shares_memory(masks.conceal_image(frame.image), frame.image)
