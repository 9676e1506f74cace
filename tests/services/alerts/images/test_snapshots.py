from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ovd.domain.alerts import AlertChange, AlertStatus
from ovd.domain.frame import Image
from ovd.errors import DetectorClosedError
from ovd.evidence.archive import EvidenceLimits, EvidenceStore
from ovd.services.alerts.images.finding import AlertImages
from ovd.services.alerts.images.snapshots import AlertSnapshots, Beginning, CountedMoment
from ovd.services.evidence import VIEWS, Concealer, conceal_nothing
from tests.builders import START, make_alert_message, make_frame, make_result, make_run

RUN = make_run()
CAMERA = RUN.camera.name


@pytest.fixture
def archive(tmp_path: Path):
    store = EvidenceStore(tmp_path / "evidence", EvidenceLimits(min_free_bytes=0))
    yield store
    store.close()


def beginning(query: str = "person", counts: dict[str, int] | None = None) -> Beginning:
    message = make_alert_message(camera=CAMERA, query=query, at=START, started_at=START)
    change = AlertChange(1, AlertStatus(CAMERA), (message,))
    frame = make_frame(0, camera=CAMERA)
    return Beginning(change, CountedMoment(RUN, make_result(frame, counts or {"person": 3})))


def snapshots(
    archive: EvidenceStore, view: str = "frames", conceal: Concealer = conceal_nothing
) -> AlertSnapshots:
    return AlertSnapshots(archive, VIEWS[view], conceal)


def test_image_of_the_frame_in_which_an_alert_begins_is_kept(archive):
    [change] = snapshots(archive).illustrate([beginning()])

    [message] = change.messages
    [image] = AlertImages(archive).find(message)
    assert (message.image_query, image.captured_at, image.score) == ("person", START, 0.9)
    assert AlertImages(archive).read(image).startswith(b"\xff\xd8")


def test_people_are_concealed_before_an_image_is_kept(archive):
    def blacken(image: Image) -> Image:
        return np.zeros_like(image)

    [change] = snapshots(archive, "crops", blacken).illustrate([beginning()])

    [image, *_] = AlertImages(archive).attach(change.messages[0])
    pixels = cv2.imdecode(np.frombuffer(image.content, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    assert pixels.max() < 10


def test_every_crop_goes_along_where_crops_are_kept(archive):
    [change] = snapshots(archive, "crops").illustrate([beginning()])

    assert len(AlertImages(archive).attach(change.messages[0])) == 3


def test_absence_is_shown_by_the_frame_and_by_no_crop(archive):
    absent = beginning(counts={"person": 0})

    [frame] = snapshots(archive, "frames").illustrate([absent])
    [crop] = snapshots(archive, "crops").illustrate([absent])

    assert (frame.messages[0].image_query, crop.messages[0].image_query) == ("person", "")


def test_alerts_of_one_query_in_one_frame_share_their_image(archive):
    concealed: list[Image] = []

    def conceal(image: Image) -> Image:
        concealed.append(image)
        return image

    changes = snapshots(archive, "frames", conceal).illustrate([beginning(), beginning()])

    assert [change.messages[0].image_query for change in changes] == ["person", "person"]
    assert (len(concealed), archive.status().written) == (1, 1)


def test_rule_about_a_reading_finds_the_query_as_it_was_typed(archive):
    item = beginning("person", {"persom": 1})
    [count] = item.moment.result.counts
    read = replace(count, query=replace(count.query, read_as="person"))
    result = replace(item.moment.result, counts=(read,))

    [change] = snapshots(archive).illustrate([replace(item, moment=CountedMoment(RUN, result))])

    assert change.messages[0].image_query == "persom"


def test_message_goes_without_an_image_where_people_cannot_be_concealed(archive):
    def fail(image: Image) -> Image:
        raise DetectorClosedError("the detector ended")

    [change] = snapshots(archive, "frames", fail).illustrate([beginning()])

    assert change.messages[0].image_query == ""
    assert archive.status().written == 0


def test_message_names_no_image_that_the_disk_refused(tmp_path):
    full = EvidenceStore(tmp_path / "full", EvidenceLimits(min_free_bytes=10**18))

    [change] = snapshots(full).illustrate([beginning()])
    full.close()

    assert change.messages[0].image_query == ""
