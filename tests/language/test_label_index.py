from ovd.domain.notes import ENGLISH
from ovd.language.grammar import load_grammar
from ovd.language.label_index import Foreign, Sense, Senses
from ovd.language.lexicon import load_lexicon


def build_senses(*known_names):
    return Senses(load_lexicon(), load_grammar(), known_names)


def test_prompts_keep_the_detectors_own_spelling():
    senses = build_senses("Traffic_Light")

    assert senses.find(("traffic", "lights")) == Sense("Traffic_Light", ("Traffic_Light",))


def test_a_thing_is_found_under_the_word_the_detector_uses():
    sense = build_senses("sofa").find(("couch",))

    assert isinstance(sense, Sense)
    assert sense.prompts == ("sofa",)


def test_a_name_outside_the_lexicon_is_supported_in_both_numbers():
    senses = build_senses("gadget box")

    assert senses.find(("gadget", "boxes")) == Sense("gadget box", ("gadget box",))


def test_a_name_of_its_own_goes_before_the_wider_one():
    assert build_senses("car", "taxi").find(("taxi",)) == Sense("taxi", ("taxi",))


def test_a_group_holds_only_what_was_learned():
    sense = build_senses("dog", "car", "cat").find(("animal",))

    assert isinstance(sense, Sense)
    assert sense.prompts == ("dog", "cat")


def test_a_group_of_groups_is_opened():
    sense = build_senses("apple", "pizza").find(("food",))

    assert isinstance(sense, Sense)
    assert sense.prompts == ("apple", "pizza")


def test_a_group_the_detector_knows_itself_comes_with_its_members():
    sense = build_senses("car", "vehicle").find(("vehicles",))

    assert isinstance(sense, Sense)
    assert sense.prompts == ("vehicle", "car")


def test_an_unlearned_word_names_what_is_near():
    assert build_senses("car", "person").find(("taxis",)) == Foreign("taxi", ("car",))


def test_a_group_without_a_learned_member_is_foreign():
    assert build_senses("car").find(("helmet",)) == Foreign("helmet")


def test_supported_words_begin_with_the_known_names():
    words = build_senses("zebra", "car").supported_words

    assert words[:2] == ("zebra", "car")
    assert "자동차" in words
    assert "helmet" not in words
    assert len(set(words)) == len(words)


def test_a_kind_that_wordnet_knows_leads_to_the_thing_and_says_so():
    sense = build_senses("dog").find(("beagles",))

    assert isinstance(sense, Sense)
    assert (sense.prompts, sense.narrower) == (("dog",), True)
    assert ENGLISH.describe(sense.notes) == (
        'read as "dog" (kind of); every dog counts, not only "beagle"'
    )


def test_a_synonym_that_wordnet_knows_leads_to_the_thing_and_says_so():
    sense = build_senses("backpack").find(("packsack",))

    assert isinstance(sense, Sense)
    assert ENGLISH.describe(sense.notes) == 'read as "backpack" (synonym)'


def test_what_the_detector_knows_by_name_goes_before_wordnet():
    assert build_senses("dog", "beagle").find(("beagle",)) == Sense("beagle", ("beagle",))


def test_words_of_wordnet_are_not_suggested():
    assert "beagle" not in build_senses("dog").supported_words
