from datetime import timedelta

from ovd.domain.alerts import MessageType
from ovd.errors import StoreWriteError
from ovd.evidence.archive import EvidenceLimits, EvidenceStore
from ovd.services.alerts.images.snapshots import AlertSnapshots
from ovd.services.evidence import VIEWS, conceal_nothing
from tests.builders import START
from tests.services.alerts.scene import CAMERA, Scene


def test_alert_that_begins_names_the_image_of_its_frame(tmp_path):
    archive = EvidenceStore(tmp_path, EvidenceLimits(min_free_bytes=0))
    snapshots = AlertSnapshots(archive, VIEWS["frames"], conceal_nothing)
    scene = Scene(snapshots=snapshots)
    scene.add("crowd", "full")

    scene.count([6, 6, 0, 6])
    archive.close()

    begun = [message for message in scene.announced if message.type is MessageType.NEW]
    assert [message.image_query for message in begun] == ["person"] * 4
    ended = [message for message in scene.announced if message.type is MessageType.END]
    assert {message.image_url for message in ended} == {""}
    assert begun[0].image_url.startswith(
        f"https://ovd.example.com/api/v1/alerts/images/{begun[0].id}.jpg?until="
    )
    kept = archive.find(CAMERA, "person", START, START + timedelta(seconds=9))
    assert [(image.captured_at - START).total_seconds() for image in kept] == [0.0, 3.0]


def test_images_are_kept_of_alerts_that_could_not_be_written_at_first(tmp_path, monkeypatch):
    archive = EvidenceStore(tmp_path, EvidenceLimits(min_free_bytes=0))
    scene = Scene(snapshots=AlertSnapshots(archive, VIEWS["frames"], conceal_nothing))
    scene.add("crowd")

    def refuse(changes: object) -> None:
        raise StoreWriteError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(scene.store.alerts, "record", refuse)
        scene.count([6, 0, 6])
    scene.engine.step()
    archive.close()

    assert [message.image_query for message in scene.announced] == ["person", "", "person"]
