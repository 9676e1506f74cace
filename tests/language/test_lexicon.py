import string
from collections import Counter

import pytest

from ovd.language.grammar import load_grammar
from ovd.language.hangul import has_hangul
from ovd.language.lexicon import load_lexicon
from ovd.language.tokens import phrase_key
from tests.language.vocabularies import COCO, SITE


@pytest.fixture(scope="module")
def lexicon():
    return load_lexicon()


def entries(lexicon):
    """English words, Korean words of every entry."""
    for concept in lexicon.concepts:
        also_words = [word for related in concept.related for word in related.words]
        also_korean = [word for related in concept.related for word in related.korean]
        yield [concept.name, *concept.words, *also_words], [*concept.korean, *also_korean]
    for group in lexicon.groups:
        yield [group.name, *group.words], list(group.korean)
    for entry in lexicon.unsupported:
        yield list(entry.words), list(entry.korean)


def test_no_word_stands_in_two_entries(lexicon):
    keys = Counter(
        phrase_key(word) for english, korean in entries(lexicon) for word in (*english, *korean)
    )

    assert [key for key, count in keys.items() if count > 1] == []


def test_no_plural_reads_as_another_entry(lexicon):
    grammar = load_grammar()
    owner = {
        phrase_key(word): number
        for number, (english, _) in enumerate(entries(lexicon))
        for word in english
    }

    clashes = [
        plural
        for number, (english, _) in enumerate(entries(lexicon))
        for word in english
        for plural in grammar.plurals_of(word)
        if owner.get(phrase_key(plural), number) != number
    ]

    assert clashes == ["glasses"]


def test_english_words_are_plain_lower_case(lexicon):
    allowed = set(string.ascii_lowercase + string.digits + " -'")
    words = [word for english, _ in entries(lexicon) for word in english]

    assert [word for word in words if not word or set(word) - allowed or word != word.strip()] == []


def test_korean_words_are_hangul(lexicon):
    words = [word for _, korean in entries(lexicon) for word in korean]

    assert [word for word in words if not all(map(has_hangul, word.split()))] == []


def test_members_and_neighbours_are_entries(lexicon):
    names = {item.name for item in (*lexicon.concepts, *lexicon.groups)}
    named = [
        name
        for item in (*lexicon.concepts, *lexicon.groups, *lexicon.unsupported)
        for name in (*getattr(item, "members", ()), *item.suggestions)
    ]

    assert set(named) <= names


def test_groups_have_members_and_hold_no_group_that_holds_them(lexicon):
    members = {group.name: group.members for group in lexicon.groups}

    def depth(name, above=()):
        assert name not in above
        return 1 + max(
            (depth(member, (*above, name)) for member in members.get(name, ())), default=0
        )

    assert all(depth(name) > 1 for name in members)


def test_every_known_name_is_an_entry(lexicon):
    names = {item.name for item in (*lexicon.concepts, *lexicon.groups)}

    assert set(COCO + SITE) <= names


def test_every_coco_name_has_a_korean_word(lexicon):
    korean = {concept.name: concept.korean for concept in lexicon.concepts}

    assert [name for name in COCO if not korean[name]] == []


def test_notes_are_plain_sentences(lexicon):
    notes = [concept.note for concept in lexicon.concepts]
    notes += [related.note for concept in lexicon.concepts for related in concept.related]

    assert all(
        note == note.strip() and not note.endswith(".") and "<" not in note for note in notes
    )


def test_words_of_the_grammar_are_no_names(lexicon):
    grammar = load_grammar()
    joining = (
        grammar.postmodifier_markers
        | grammar.or_words
        | grammar.and_words
        | grammar.korean_exclusion_markers
    )
    words = {word for english, korean in entries(lexicon) for word in (*english, *korean)}

    assert joining.isdisjoint(words)
