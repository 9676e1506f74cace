from ovd.domain.notes import ENGLISH
from ovd.language.grammar import load_grammar
from ovd.language.label_index import LabelIndex, SupportedPhrase, UnsupportedPhrase
from ovd.language.lexicon import load_lexicon


def build_senses(*known_names):
    return LabelIndex(load_lexicon(), load_grammar(), known_names)


def test_prompts_keep_the_detectors_own_spelling():
    senses = build_senses("Traffic_Light")

    assert senses.find(("traffic", "lights")) == SupportedPhrase(
        "Traffic_Light", ("Traffic_Light",)
    )


def test_a_concept_is_found_under_the_detectors_name_for_it():
    sense = build_senses("sofa").find(("couch",))

    assert isinstance(sense, SupportedPhrase)
    assert sense.prompts == ("sofa",)


def test_a_name_outside_the_lexicon_is_supported_in_both_numbers():
    senses = build_senses("gadget box")

    assert senses.find(("gadget", "boxes")) == SupportedPhrase("gadget box", ("gadget box",))


def test_an_exact_name_is_preferred_to_its_group():
    assert build_senses("car", "taxi").find(("taxi",)) == SupportedPhrase("taxi", ("taxi",))


def test_a_group_holds_only_what_was_learned():
    sense = build_senses("dog", "car", "cat").find(("animal",))

    assert isinstance(sense, SupportedPhrase)
    assert sense.prompts == ("dog", "cat")


def test_nested_groups_are_expanded():
    sense = build_senses("apple", "pizza").find(("food",))

    assert isinstance(sense, SupportedPhrase)
    assert sense.prompts == ("apple", "pizza")


def test_a_group_the_detector_knows_itself_comes_with_its_members():
    sense = build_senses("car", "vehicle").find(("vehicles",))

    assert isinstance(sense, SupportedPhrase)
    assert sense.prompts == ("vehicle", "car")


def test_an_unsupported_word_has_suggestions():
    assert build_senses("car", "person").find(("taxis",)) == UnsupportedPhrase("taxi", ("car",))


def test_a_group_without_a_known_member_is_unsupported():
    assert build_senses("car").find(("helmet",)) == UnsupportedPhrase("helmet")


def test_supported_words_begin_with_the_known_names():
    words = build_senses("zebra", "car").supported_words

    assert words[:2] == ("zebra", "car")
    assert "자동차" in words
    assert "helmet" not in words
    assert len(set(words)) == len(words)


def test_a_wordnet_hyponym_is_read_as_the_concept_with_a_note():
    sense = build_senses("dog").find(("beagles",))

    assert isinstance(sense, SupportedPhrase)
    assert (sense.prompts, sense.narrower) == (("dog",), True)
    assert ENGLISH.describe(sense.notes) == (
        'read as "dog" (kind of); every dog counts, not only "beagle"'
    )


def test_a_wordnet_synonym_is_read_as_the_concept_with_a_note():
    sense = build_senses("backpack").find(("packsack",))

    assert isinstance(sense, SupportedPhrase)
    assert ENGLISH.describe(sense.notes) == 'read as "backpack" (synonym)'


def test_known_names_are_preferred_to_wordnet():
    assert build_senses("dog", "beagle").find(("beagle",)) == SupportedPhrase("beagle", ("beagle",))


def test_words_of_wordnet_are_not_suggested():
    assert "beagle" not in build_senses("dog").supported_words
