import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovd.errors import QueryError
from ovd.language.query_syntax import QueryParts, parse_query_parts, split_queries


@pytest.mark.parametrize(
    ("text", "words", "min_score"),
    [
        ("car", "car", None),
        ("car >0.5", "car", 0.5),
        ("car > .25", "car", 0.25),
        ("car>=0.5", "car", 0.5),
        ("car \u2265 1", "car", 1.0),
        ("red car > 40%", "red car", 0.4),
        ("사람 >0.3", "사람", 0.3),
        ("사람 \uff1e 0.3", "사람", 0.3),
        ("사람 0.5 이상", "사람", 0.5),
        ("사람 60% 이상", "사람", 0.6),
        ("사람 3 이상", "사람 3 이상", None),
        ("18-wheeler", "18-wheeler", None),
        ("car < 0.5", "car < 0.5", None),
        ("car > truck", "car > truck", None),
        ("> 0.5", "> 0.5", None),
    ],
)
def test_a_threshold_is_separated_from_the_words(text, words, min_score):
    assert parse_query_parts(text) == QueryParts(words, min_score, False)


@pytest.mark.parametrize("text", ["car > 5", "car > -0.1", "car > 150%", "사람 150% 이상"])
def test_an_invalid_threshold_is_refused(text):
    with pytest.raises(QueryError, match="from 0 to 1"):
        parse_query_parts(text)


@pytest.mark.parametrize(
    "text",
    [
        "person >0.5 >0.5",
        "car >0.3>=40%",
        "car >2 >0.5",
        "사람 >0.3 50% 이상",
        "사람 0.3 이상 >0.5",
    ],
)
def test_a_second_threshold_is_refused(text):
    with pytest.raises(QueryError, match="one threshold"):
        parse_query_parts(text)


@pytest.mark.parametrize(
    ("text", "words", "min_score"),
    [
        ('"stop sign"', "stop sign", None),
        ("\u201cstop sign\u201d", "stop sign", None),
        ('" stop sign " > 0.5', "stop sign", 0.5),
    ],
)
def test_words_in_quotes_are_literal(text, words, min_score):
    assert parse_query_parts(text) == QueryParts(words, min_score, True)


@pytest.mark.parametrize("text", ['"car" or "bus"', 'the "car"', '"', '""', '"?"', "12' pole"])
def test_quotes_around_a_part_are_not_literal(text):
    assert not parse_query_parts(text).literal


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("person, car;bus\ndog", ("person", " car", "bus", "dog")),
        ('"salt, pepper", car', ('"salt, pepper"', " car")),
        ('"person, car', ('"person', " car")),
        (" ,;\n", (" ",)),
    ],
)
def test_queries_are_split_outside_quotes(text, parts):
    assert split_queries(text) == parts


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused(text):
    try:
        found = parse_query_parts(text)
    except QueryError:
        return
    assert found.min_score is None or 0.0 <= found.min_score <= 1.0
    assert all(part for part in split_queries(text))
