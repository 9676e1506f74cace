import pytest

from ovd.domain.notes import Note, NoteCode
from ovd.language.korean.names import describe_notes, name_query, name_reading
from ovd.texts.languages import Language

KO, EN = Language.KO, Language.EN


@pytest.mark.parametrize(
    ("reading", "name"),
    [
        ("person", "사람"),
        ("car", "자동차"),
        ("vehicle", "차량"),
        ("red car", "빨간 자동차"),
        ("car or truck", "자동차 또는 트럭"),
        ("vehicle except bus", "차량(버스 제외)"),
        ("person with backpack", "배낭을 멘 사람"),
        ("person not wearing safety helmet", "안전모를 착용하지 않은 사람"),
        ("person riding bicycle", "자전거를 탄 사람"),
        ("car parked", "주차된 자동차"),
        ("tuk tuk taxi", "tuk tuk taxi"),
        ("red tuk tuk", "red tuk tuk"),
    ],
)
def test_reading_has_its_korean_name_where_each_part_has_one(reading: str, name: str):
    assert name_reading(reading, KO) == name
    assert name_reading(reading, EN) == reading


def test_query_typed_in_korean_keeps_its_form():
    assert name_query("보행자", "person", KO) == "보행자"
    assert name_query("person", "person", KO) == "사람"
    assert name_query("persn", "person", EN) == "persn"


def test_notes_are_told_with_korean_names_and_fitting_particles():
    notes = (
        Note(NoteCode.NOT_LEARNED, "가로등", " (street lamp)"),
        Note(NoteCode.NEAREST, names=("traffic light", "bench")),
    )

    told = describe_notes(notes, KO)

    assert told == ("검출기가 “가로등”을 배우지 않았습니다; 가까운 지원 대상: “신호등” 또는 “벤치”")
    assert "traffic light" in describe_notes(notes, EN)


def test_names_that_are_to_be_typed_stay():
    assert "“person, car”" in describe_notes([Note(NoteCode.SEVERAL, names=("person", "car"))], KO)
