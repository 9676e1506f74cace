import pytest

from ovd.language.grammar import korean_singular, load_grammar


@pytest.fixture(scope="module")
def grammar():
    return load_grammar()


@pytest.mark.parametrize(
    ("phrase", "plural"),
    [
        ("car", "cars"),
        ("bus", "buses"),
        ("bench", "benches"),
        ("toothbrush", "toothbrushes"),
        ("box", "boxes"),
        ("toy", "toys"),
        ("battery", "batteries"),
        ("tomato", "tomatoes"),
        ("kangaroo", "kangaroos"),
        ("knife", "knives"),
        ("wine glass", "wine glasses"),
        ("elderly person", "elderly people"),
        ("computer mouse", "computer mice"),
        ("sheep", "sheep"),
    ],
)
def test_plurals_follow_spelling_or_the_table(grammar, phrase, plural):
    assert plural in grammar.plurals_of(phrase)


@pytest.mark.parametrize("phrase", ["사람", "e-3", "車"])
def test_no_english_plural_is_made_of_other_words(grammar, phrase):
    assert grammar.plurals_of(phrase) == ()


def test_articles_and_counting_words_are_dropped(grammar):
    assert grammar.strip_stopwords(("all", "of", "the", "cars")) == ("cars",)
    assert grammar.strip_stopwords(("모든", "사람", "수")) == ("사람",)


def test_a_phrase_of_counting_words_keeps_its_last(grammar):
    assert grammar.strip_stopwords(("all", "the")) == ("the",)


@pytest.mark.parametrize("word", ["red", "running", "with", "빨간", "2", "🔴", ">"])
def test_modifiers_are_recognised(grammar, word):
    assert grammar.is_modifier(word)


@pytest.mark.parametrize("word", ["car", "ring", "자동차"])
def test_names_are_no_modifiers(grammar, word):
    assert not grammar.is_modifier(word)


def test_korean_plural_ending_is_taken_off_korean_words_only():
    assert korean_singular("사람들") == "사람"
    assert korean_singular("들") == "들"
    assert korean_singular("cars") == "cars"
