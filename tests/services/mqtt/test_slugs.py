import pytest

from ovd.services.mqtt.slugs import TopicSlugs, ascii_slug
from tests.fakes import MemoryTopicNames


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("person", "person"),
        ("red car", "red-car"),
        ("Café à gauche", "cafe-a-gauche"),
        ("a/b+c#d", "a-b-c-d"),
        ("  -- ", ""),
        ("정문", ""),
        ("정문 2", ""),
        ("x" * 200, "x" * 60),
    ],
)
def test_slug_is_ascii_or_nothing(text, slug):
    assert ascii_slug(text) == slug


def test_names_of_other_scripts_are_numbered():
    slugs = TopicSlugs(MemoryTopicNames())

    assert slugs.camera(7, "정문") == "camera-7"
    assert [slugs.query(7, text) for text in ("사람", "자동차")] == ["q1", "q2"]
    assert slugs.zone(7, "입구") == "zone-1"


def test_equal_slugs_are_told_apart():
    slugs = TopicSlugs(MemoryTopicNames())

    assert [slugs.camera(1, "Gate A"), slugs.camera(2, "gate-a")] == ["gate-a", "gate-a-2"]


@pytest.mark.parametrize("name", ["alerts", "Available"])
def test_reserved_camera_names_are_prefixed(name):
    assert TopicSlugs(MemoryTopicNames()).camera(1, name) == f"camera-{name.lower()}"


def test_reserved_queries_and_zones_are_prefixed():
    slugs = TopicSlugs(MemoryTopicNames())

    assert (slugs.query(1, "status"), slugs.zone(1, "set")) == ("q-status", "zone-set")


def test_level_stays_after_a_restart_and_when_the_first_one_is_gone():
    names = MemoryTopicNames()
    first = TopicSlugs(names)
    first.camera(1, "Gate")
    first.camera(2, "gate")

    assert TopicSlugs(names).camera(2, "gate") == "gate-2"


def test_camera_that_was_added_anew_takes_its_level_again():
    slugs = TopicSlugs(MemoryTopicNames())
    slugs.camera(1, "gate")

    assert slugs.camera(5, "gate") == "gate"
    assert [name.camera_id for name in slugs.cameras] == [1, 5]


def test_queries_of_two_cameras_do_not_meet():
    slugs = TopicSlugs(MemoryTopicNames())

    assert slugs.query(1, "person") == slugs.query(2, "person") == "person"
