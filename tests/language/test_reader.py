import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ovd.domain.names import normalise_name
from ovd.domain.ports import QueryReader
from ovd.errors import QueryError
from ovd.language import MAX_QUERIES, VocabularyReader
from tests.language.vocabularies import COCO, SITE

READERS = (VocabularyReader(COCO, 0.35), VocabularyReader(SITE, 0.35))
READER = READERS[0]

WORDS = (
    *COCO, *SITE, "vehicle", "men", "사람들", "차량", "a", "the", "or", "and", "/", ",", "but not",
    "except", "제외", "제외한", "with", "red", "빨간", "helmet", "🚗", "0.5", "수",
    '"person"', '"red car"', ">0.5", "> 40%", "0.3 이상", "persn", "여러", "명", "tkfka",
)  # fmt: skip


def test_implements_the_port():
    port: QueryReader = READER

    assert port.read("person").prompts == ("person",)


def test_text_is_kept_as_typed_but_trimmed():
    query = READER.read("  The  Pedestrians ")

    assert (query.text, query.read_as) == ("The  Pedestrians", "person")


def test_unsupported_text_has_no_prompts_and_a_note():
    query = READER.read("helmet")

    assert not query.supported
    assert query.prompts == ()
    assert "not learned" in query.note
    assert query.read_as == "helmet"


def test_min_score_is_the_detectors_unless_given():
    assert READER.read("person").min_score == 0.35
    assert READER.read("person", 0.0).min_score == 0.0
    assert READER.read("helmet", 1.0).min_score == 1.0


@pytest.mark.parametrize("score", [-0.1, 1.1, math.nan, math.inf])
def test_a_threshold_outside_0_to_1_is_refused(score):
    with pytest.raises(QueryError, match="from 0 to 1"):
        READER.read("person", score)
    with pytest.raises(QueryError, match="from 0 to 1"):
        VocabularyReader(COCO, score)


def test_a_reader_needs_names():
    with pytest.raises(ValueError, match="at least one name"):
        VocabularyReader((), 0.35)


@pytest.mark.parametrize("text", ["", "   ", "\n", "\u200b", "\u3000", "?!", "()", '""'])
def test_text_without_a_word_is_refused(text):
    with pytest.raises(QueryError, match="needs a word"):
        READER.read(text)


def test_long_text_is_refused_with_both_lengths():
    assert not READER.read("x" * 200).supported
    with pytest.raises(QueryError, match="at most 200 characters, got 10000"):
        READER.read("x" * 10_000)


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\n", "\t", "\u202e", "\u2028", "\ud800", "\x7f"])
def test_control_characters_are_refused(char):
    with pytest.raises(QueryError, match="control characters"):
        READER.read(f"per{char}son")


def test_read_many_takes_commas_semicolons_and_lines():
    queries = READER.read_many("person, car;bus\n자전거\r\n\n 차\uff0cdog ,")

    assert [query.text for query in queries] == ["person", "car", "bus", "자전거", "차", "dog"]


def test_read_many_drops_repeats_but_not_synonyms():
    queries = READER.read_many("Cell Phone, cellphone, pedestrian, person, PERSON")

    assert [query.text for query in queries] == ["Cell Phone", "pedestrian", "person"]


def test_read_many_passes_the_threshold_on():
    assert [query.min_score for query in READER.read_many("car, bus", 0.6)] == [0.6, 0.6]


@pytest.mark.parametrize("text", ["", " , ;\n", "\u200b,"])
def test_read_many_needs_one_query(text):
    with pytest.raises(QueryError, match="no query was typed"):
        READER.read_many(text)


def test_read_many_refuses_too_many_queries():
    READER.read_many(",".join(f"thing {i}" for i in range(MAX_QUERIES)))
    with pytest.raises(QueryError, match="at most 100 queries can be read at once, got 101"):
        READER.read_many(",".join(f"thing {i}" for i in range(MAX_QUERIES + 1)))


def test_suggestions_are_supported_words_in_both_languages():
    assert READER.suggest("per")[0] == "person"
    assert "vehicle" in READER.suggest("ve")
    assert READER.suggest("자ㄷ") == ("자동차",)
    assert READER.suggest("safety h") == ()
    assert READERS[1].suggest("safety h") == ("safety helmet",)


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("persn", "person"),
        ("pedestiran", "person"),
        ("오토바아", "motorcycle"),
        ("tkfka", "person"),
    ],
)
def test_a_typo_is_corrected_with_a_note(text, read_as):
    query = READER.read(text)

    assert (query.text, query.read_as, query.prompts) == (text, read_as, (read_as,))
    assert query.note.startswith(f'typo corrected: "{text}" to "')


@pytest.mark.parametrize("word", ["unicorn", "ouch", "satire"])
def test_a_word_that_names_nothing_learned_is_refused_and_turned_into_no_other(word):
    for reader in READERS:
        query = reader.read(word)

        assert not query.supported
        assert query.read_as == word


def test_a_typo_of_something_not_learned_is_still_refused():
    query = READER.read("gitar")

    assert not query.supported
    assert query.read_as == "guitar"
    assert query.note.startswith(
        'typo corrected: "gitar" to "guitar"; the detector has not learned'
    )


def test_an_uncertain_correction_is_offered_only():
    query = READER.read("shep")

    assert not query.supported
    assert query.read_as == "shep"
    assert 'did you mean "sheep" or "ship"?' in query.note


def test_correct_returns_the_corrections():
    assert READER.correct("persn") == ("person",)
    assert READER.correct("person") == ()


def test_every_suggestion_is_read_as_supported():
    for reader in READERS:
        unread = [word for word in reader.suggest("", 10_000) if not reader.read(word).supported]

        assert unread == []


def test_an_overlong_prefix_has_no_suggestions():
    assert READER.suggest("x" * 1_000_000) == ()


@pytest.mark.parametrize("reader", READERS, ids=["coco", "site"])
def test_every_known_name_is_its_own_first_prompt(reader):
    names = COCO if reader is READER else SITE

    assert [reader.read(name).prompts[0] for name in names] == list(names)


any_text = st.text(st.characters(), max_size=220)
phrases = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(text=any_text | phrases)
def test_any_text_is_read_or_refused_and_read_the_same_twice(text):
    for reader in READERS:
        try:
            query = reader.read(text)
        except QueryError:
            continue
        assert query == reader.read(text)
        assert query.text == normalise_name(text)
        assert query.supported or query.note
        assert set(query.prompts).isdisjoint(query.excluded)


@settings(max_examples=150, deadline=None)
@given(text=phrases)
@example(text="person >0.5 >0.5")
def test_a_reading_reads_as_itself(text):
    for reader in READERS:
        try:
            query = reader.read(text)
            again = reader.read(query.read_as)
        except QueryError:
            continue
        assert (again.prompts, again.excluded) == (query.prompts, query.excluded)


@settings(max_examples=100, deadline=None)
@given(prefix=any_text, limit=st.integers(-3, 20))
def test_suggesting_never_fails(prefix, limit):
    assert len(READER.suggest(prefix, limit)) <= max(limit, 0)


@settings(max_examples=100, deadline=None)
@given(text=any_text)
def test_reading_many_gives_no_text_twice(text):
    try:
        texts = [query.text.casefold() for query in READER.read_many(text)]
    except QueryError:
        return
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("text", ["persn", "사람", "보행자", "people", "tkfka"])
def test_every_wording_of_person_gives_the_same_prompts(text):
    query, person = READER.read(text), READER.read("person")

    assert (query.prompts, query.excluded) == (person.prompts, person.excluded)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cat and dog", ["cat", "dog"]),
        ("cat, dog, person and bus", ["cat", "dog", "person", "bus"]),
        ("사람과 자전거", ["person", "bicycle"]),
    ],
)
def test_list_with_and_is_read_as_several_queries_that_say_so(text: str, names: list[str]):
    queries = READER.read_many(text)

    assert [query.read_as for query in queries] == names
    assert "was read as 2 queries" in queries[-1].note


def test_and_inside_one_description_is_no_list():
    [query] = READER.read_many("black and white cat")

    assert not query.supported
