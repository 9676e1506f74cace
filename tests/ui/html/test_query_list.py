from dataclasses import replace

import pytest

from ovd.domain.events import QueryCount, ZoneEventKind, ZoneTally
from ovd.domain.notes import Note, NoteCode
from ovd.domain.query import Query
from ovd.domain.zones import LineZone
from ovd.services.history.today import DayNumbers
from ovd.texts.page import ENGLISH, KOREAN, teaching
from ovd.ui.html.query_list import NO_COUNT, describe_movement, query_counts, query_list
from tests.builders import make_query, make_unsupported

MARKUP = "<img src=x onerror=alert(1)>"


def test_query_list_without_queries_says_what_to_do():
    html = query_list([], {}, ENGLISH)

    assert "Nothing to count yet" in html
    assert "<li" not in html


def test_query_row_has_colour_threshold_and_remove_button():
    html = query_list([make_query("person", 0.4)], {"person": "#2f7fe0"}, ENGLISH)

    assert "--swatch:#2f7fe0" in html
    assert 'value="0.40"' in html
    assert 'data-event="remove_query" data-value="person"' in html


def test_query_row_says_how_it_was_read():
    query = Query("persom", "person", ("person",), note="typo corrected")

    html = query_list([query], {}, ENGLISH)

    assert "read as <b>person</b>" in html
    assert "typo corrected" in html


def test_query_row_says_how_it_was_read_once():
    notes = (Note(NoteCode.READ_AS, "person"), Note(NoteCode.USAGE, "all count", "모두 셉니다"))
    query = Query("사람", "person", ("person",), note="in English", notes=notes)

    html = query_list([query], {}, KOREAN)

    assert "해석" not in html
    assert ">모두 셉니다<" in html


def test_korean_page_calls_queries_by_their_korean_names_and_keeps_what_was_typed():
    walker = replace(make_query("보행자"), read_as="person")

    html = query_list([make_query("person"), walker], {}, KOREAN)

    assert '<strong title="person">사람</strong>' in html
    assert "입력: person" in html
    assert '<strong title="보행자">보행자</strong>' in html
    assert "해석 <b>사람</b>" in html
    assert 'aria-label="사람 삭제"' in html
    assert 'data-event="remove_query" data-value="person"' in html


def test_query_row_does_not_repeat_what_was_read_as_typed():
    assert "read as" not in query_list([make_query("person")], {}, ENGLISH)


def test_unsupported_query_shows_its_note_and_no_threshold():
    html = query_list([make_unsupported("helmet")], {}, KOREAN)

    assert "지원하지 않음" in html
    assert "not learned" in html
    assert 'type="range"' not in html


def test_query_counts_show_zero_only_where_it_was_counted():
    queries = [make_query("person"), make_query("car"), make_unsupported("helmet")]

    cells = query_counts(queries, {"person": 0, "helmet": 0}, True, ENGLISH)

    dash = NO_COUNT
    assert list(cells) == [
        ("person", "0", "in view"),
        ("car", dash, "no count"),
        ("helmet", dash, "no count"),
    ]


def test_counts_of_a_silent_camera_are_not_those_of_now():
    cells = query_counts([make_query("person")], {"person": 4}, False, ENGLISH)

    assert cells == (("person", "4", "last seen"),)


def test_quotes_of_users_do_not_end_an_attribute():
    html = query_list([make_query('" onmouseover="alert(1)')], {}, ENGLISH)

    assert '" onmouseover' not in html


def test_notes_are_told_in_the_language_of_the_page_and_the_reading_once():
    notes = (Note(NoteCode.READ_AS, "person"), Note(NoteCode.TYPO, "persn", "person"))
    query = replace(make_query("persn"), read_as="person", notes=notes)

    english = query_list([query], {}, ENGLISH)
    korean = query_list([query], {}, KOREAN)

    assert "typo corrected: &quot;persn&quot; to &quot;person&quot;" in english
    assert "오타를 고쳤습니다: “persn” → “사람”" in korean
    assert english.count("read as") == 1


@pytest.mark.parametrize("code", [NoteCode.NEAREST, NoteCode.NEAREST_WIDER, NoteCode.DID_YOU_MEAN])
def test_an_unsupported_query_offers_what_it_might_be_instead(code: NoteCode):
    query = replace(make_unsupported("shep"), notes=(Note(code, names=("sheep", "ship")),))

    html = query_list([query], {}, ENGLISH)

    for name in ("sheep", "ship"):
        assert f'data-event="replace_query" data-value="shep" data-instead="{name}"' in html


@pytest.mark.parametrize(
    "query",
    [
        make_query(MARKUP),
        replace(make_unsupported(MARKUP), note=MARKUP),
        replace(make_unsupported("x"), notes=(Note(NoteCode.NEAREST, MARKUP, MARKUP, (MARKUP,)),)),
    ],
)
def test_text_of_users_is_never_markup(query: Query):
    html = query_list([query], {}, ENGLISH)

    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_counts_come_with_different_objects_and_crossings_where_they_are_known():
    person = make_query("person")
    line = LineZone("door", ((0.5, 0.0), (0.5, 1.0)))
    tally = ZoneTally(line, "person", {ZoneEventKind.IN: 3, ZoneEventKind.OUT: 1}, None, None)
    count = QueryCount(person, 4, 0.9, unique=19)

    told = describe_movement(count, [tally], ENGLISH)

    assert told == "19 different · in 3, out 1"
    assert describe_movement(count, [], ENGLISH) == "19 different"
    assert describe_movement(QueryCount(person, 4, 0.9), [tally], ENGLISH) == ""
    assert query_counts([person], {"person": 4}, True, ENGLISH, {"person": told}) == (
        ("person", "4", "in view · 19 different · in 3, out 1"),
    )


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (DayNumbers(19, None, None), "in 3, out 1"),
        (DayNumbers(30, 5, 4), "19 different"),
        (DayNumbers(None, None, None), "19 different · in 3, out 1"),
    ],
)
def test_numbers_that_stand_beside_the_count_for_the_day_are_not_told_again(
    day: DayNumbers, told: str
):
    line = LineZone("door", ((0.5, 0.0), (0.5, 1.0)))
    tally = ZoneTally(line, "person", {ZoneEventKind.IN: 3, ZoneEventKind.OUT: 1}, None, None)
    count = QueryCount(make_query("person"), 4, 0.9, unique=19)

    assert describe_movement(count, [tally], ENGLISH, day) == told


def test_objects_that_are_not_judged_are_told_beside_the_count():
    count = QueryCount(make_query("person"), 1, 0.9, unique=2, pending=1, unknown=3)

    told = describe_movement(count, [], ENGLISH)

    assert told == "2 different · 1 not judged yet · 3 cannot be judged"
    assert describe_movement(QueryCount(make_query(), 0, 0.0, unknown=1), [], KOREAN) == (
        "알 수 없음 1"
    )


def unlearned(text: str, read_as: str) -> Query:
    notes = (Note(NoteCode.NOT_LEARNED, text), Note(NoteCode.NEAREST, names=("truck",)))
    return replace(make_unsupported(text), read_as=read_as, notes=notes)


def test_query_that_was_not_learned_can_be_taught_under_its_english_name():
    html = query_list([unlearned("지게차", "forklift")], {}, KOREAN, teaching.KOREAN)

    assert 'data-teach="forklift" data-value="지게차"' in html
    assert ">가르치기</button>" in html
    assert 'data-instead="truck"' in html
    assert ">트럭</button>" in html


def test_teaching_is_not_offered_where_it_cannot_be_done_or_helps_nothing():
    other = make_unsupported("red")

    assert "data-teach" not in query_list([unlearned("a", "a")], {}, ENGLISH)
    html = query_list([other, make_query("person")], {}, ENGLISH, teaching.ENGLISH)
    assert "data-teach" not in html
