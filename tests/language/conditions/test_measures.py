import pytest

from ovd.language.conditions.measures import Limit, group_size, split_duration, split_limit


@pytest.mark.parametrize(
    ("text", "rest", "seconds"),
    [
        ("person lying for 10 s", "person lying", 10.0),
        ("car parked for more than two hours", "car parked", 7200.0),
        ("bag left 90 seconds or longer", "bag left", 90.0),
        ("3분 이상 앉아 있는 사람", "앉아 있는 사람", 180.0),
        ("열 초 동안 누운 사람", "누운 사람", 10.0),
        ("두 분", "두 분", None),
        ("person", "person", None),
    ],
)
def test_duration_is_split_off(text, rest, seconds):
    assert split_duration(text) == (rest, seconds)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("more than 3 cars", Limit(4, True, False, "cars")),
        ("5 or more dogs", Limit(5, True, False, "dogs")),
        ("under 4 buses", Limit(4, True, True, "buses")),
        ("two people", Limit(2, False, False, "people")),
        ("차 3대 이상", Limit(3, True, False, "차")),
        ("10명 이상", Limit(10, True, False, "사람")),
        ("a person", None),
        ("car", None),
    ],
)
def test_limit_is_split_off(text, limit):
    assert split_limit(text) == limit


@pytest.mark.parametrize(
    ("text", "size"),
    [("group of 5 people", 5), ("crowd of more than ten persons", 11), ("group of cars", None)],
)
def test_size_of_a_group_is_read(text, size):
    assert group_size(text) == size
