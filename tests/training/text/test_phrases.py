from dataclasses import replace

import numpy as np
import pytest

from ovd.training.text.phrasebook import load_phrasebook
from ovd.training.text.phrases import PhraseConfig, PhraseSampler
from tests.training.datasets import BOOK, make_boxes, make_example

NAMES = ("apple", "bicycle", "car", "fire", "person", "taxi", "truck", "van", "wombat")
EVERYTHING = PhraseConfig(count=200, max_positive_share=1.0, second_wording=0.0, plural=0.0)
A, B, C, D = ((20.0 * i, 10.0, 20.0 * i + 15, 40.0) for i in range(4))


def sample(*examples, config=EVERYTHING, seed=0, **options):
    sampler = PhraseSampler(BOOK, NAMES, config, **options)
    return sampler.sample(examples, np.random.default_rng(seed))


class TargetsOfOne:
    """Targets of the first example, by concept."""

    def __init__(self, example, **options):
        self.targets = sample(example, **options)

    def column(self, concept):
        return self.targets.concepts.index(concept)

    def match(self, concept):
        return self.targets.match[0][:, self.column(concept)].tolist()

    def ignore(self, concept):
        return self.targets.ignore[0][:, self.column(concept)].tolist()

    def weight(self, concept):
        column = self.column(concept)
        return float(self.targets.weight[0, column]) * bool(self.targets.negative[0, column])


def example_of(*rows, known=(), attributes=None, soft_score=None, ignore=None, **more):
    boxes = make_boxes(*rows, attributes=attributes, soft_score=soft_score, ignore=ignore)
    return make_example(boxes, exhaustive=frozenset(known), **more)


def test_names_match_their_boxes_and_groups_their_members():
    asked = TargetsOfOne(example_of(("car", A), ("person", B), ("truck", C), known=NAMES))

    assert asked.match("car") == [True, False, False]
    assert asked.match("vehicle") == [True, False, True]
    assert asked.match("person") == [False, True, False]
    assert asked.ignore("car") == [False, False, False]


def test_wider_name_ignores_boxes_of_the_narrower_one():
    asked = TargetsOfOne(example_of(("taxi", A), ("car", B), known=NAMES))

    assert asked.match("car") == [False, True]
    assert asked.ignore("car") == [True, False]


def test_narrower_name_ignores_boxes_of_the_wider_one_unless_it_is_labelled_itself():
    unlabelled = TargetsOfOne(example_of(("car", A), known=("car",)))
    labelled = TargetsOfOne(example_of(("car", A), known=("car", "taxi")))

    assert unlabelled.ignore("taxi") == [True]
    assert labelled.ignore("taxi") == [False]
    assert labelled.match("taxi") == [False]


def test_only_exhaustive_names_are_negative():
    asked = TargetsOfOne(example_of(known=("car", "truck")))

    assert asked.weight("car") == 1.0
    assert asked.weight("vehicle") == 1.0
    assert asked.weight("van") == 0.5
    assert asked.weight("person") == 0.0
    assert asked.weight("fire") == pytest.approx(0.2)
    assert asked.weight("wombat") == 0.0


def test_group_is_not_negative_where_one_of_its_core_names_is_unlabelled():
    assert TargetsOfOne(example_of(known=("car",))).weight("vehicle") == 0.0


def test_soft_absence_has_a_small_weight():
    asked = TargetsOfOne(example_of(absent_soft=frozenset({"wombat"})))

    assert asked.weight("wombat") == pytest.approx(0.3)


def test_names_labelled_except_small_ones_are_flagged():
    asked = TargetsOfOne(example_of(known=("car",), exhaustive_except_small=frozenset({"truck"})))

    flagged = asked.targets.small_uncertain[0]
    assert flagged[asked.column("truck")]
    assert flagged[asked.column("vehicle")]
    assert not flagged[asked.column("car")]
    assert asked.weight("truck") == 1.0


def test_ignored_boxes_take_no_part_in_any_phrase():
    asked = TargetsOfOne(example_of(("car", A), ignore=[True], known=NAMES))

    assert asked.targets.ignore[0].all()
    assert not asked.targets.match[0].any()


def test_pseudo_box_of_low_score_neither_matches_nor_refutes():
    asked = TargetsOfOne(example_of(("car", A), ("car", B), soft_score=[0.4, 0.8]))

    assert asked.match("car") == [False, True]
    assert asked.ignore("car") == [True, False]
    assert asked.ignore("wombat") == [True, True]


def test_unrelated_box_is_a_certain_negative_unless_it_may_share_its_place():
    asked = TargetsOfOne(example_of(("car", A), ("bicycle", B)))

    assert asked.ignore("wombat") == [False, True]
    assert asked.ignore("person") == [True, True]


def test_attribute_phrases_match_equal_refute_other_and_ignore_unknown_values():
    rows = [("car", A), ("car", B), ("car", C), ("person", D)]
    values = [{"color": "red"}, {"color": "white"}, {}, {}]
    asked = TargetsOfOne(example_of(*rows, attributes=values, known=NAMES))

    assert asked.match("car [color=red]") == [True, False, False, False]
    assert asked.ignore("car [color=red]") == [False, False, True, False]
    assert asked.match("vehicle [color=white]") == [False, True, False, False]


def test_attribute_values_that_are_confused_do_not_refute_each_other():
    asked = TargetsOfOne(example_of(("car", A), attributes=[{"color": "gray"}], known=NAMES))

    assert asked.match("car [color=gray]") == [True]
    assert asked.ignore("car [color=white]") == [True]
    assert asked.ignore("car [color=red]") == [False]


def test_attribute_values_of_no_phrase_refute_if_listed_and_are_unknown_if_not():
    values = [{"color": "striped"}, {"color": "beige"}]
    asked = TargetsOfOne(example_of(("car", A), ("car", B), attributes=values, known=NAMES))

    assert asked.match("car [color=red]") == [False, False]
    assert asked.ignore("car [color=red]") == [False, True]


def test_attribute_phrases_are_negative_where_their_name_is():
    asked = TargetsOfOne(example_of(known=("car",)))

    assert asked.weight("car [color=red]") == 1.0
    assert asked.weight("vehicle [color=red]") == 0.0


def test_every_name_of_the_batch_is_sampled():
    config = PhraseConfig(count=8)
    for seed in range(10):
        targets = sample(
            example_of(("car", A)),
            example_of(("person", A), ("wombat", B)),
            config=config,
            seed=seed,
        )
        assert {"car", "person", "wombat"} <= set(targets.concepts)
        assert len(targets.phrases) == 8


def test_shapes_follow_boxes_images_and_phrases():
    targets = sample(example_of(("car", A), ("car", B)), example_of())

    count = len(targets.phrases)
    assert [m.shape for m in targets.match] == [(2, count), (0, count)]
    assert [m.shape for m in targets.ignore] == [(2, count), (0, count)]
    assert targets.negative.shape == targets.weight.shape == (2, count)
    assert targets.weight.dtype == np.float32


def test_phrases_are_distinct_and_named_in_all_phrases():
    sampler = PhraseSampler(BOOK, NAMES, PhraseConfig(count=30))
    known = set(sampler.all_phrases())

    for seed in range(30):
        phrases = sampler.sample([example_of(("car", A))], np.random.default_rng(seed)).phrases
        assert len(set(phrases)) == len(phrases)
        assert set(phrases) <= known


def test_wordings_vary_between_synonym_plural_and_sentence():
    seen = {
        phrase
        for seed in range(60)
        for phrase in sample(
            example_of(("car", A)), config=PhraseConfig(count=6), seed=seed
        ).phrases
    }

    assert {"car", "automobile", "cars", "a photo of a car"} <= seen


def test_two_wordings_of_one_concept_agree():
    config = replace(EVERYTHING, second_wording=1.0, synonym=0.5)
    targets = sample(example_of(("car", A), ("person", B), known=NAMES), config=config, seed=3)

    columns = [i for i, concept in enumerate(targets.concepts) if concept == "car"]
    assert len(columns) == 2
    assert targets.match[0][:, columns].tolist() == [[True, True], [False, False]]


def test_same_seed_gives_the_same_targets():
    example = example_of(("car", A), known=("car",))

    assert sample(example, seed=5).phrases == sample(example, seed=5).phrases
    assert sample(example, seed=5).phrases != sample(example, seed=6).phrases


def test_held_out_names_are_never_sampled():
    sampler = PhraseSampler(BOOK, NAMES, EVERYTHING, hold_out=frozenset({"car", "apple"}))

    texts = sampler.all_phrases()
    assert not any("car" in text.split() or "automobile" in text.split() for text in texts)
    assert "fruit" not in texts
    assert "vehicle" in texts


def test_names_outside_the_phrasebook_have_themselves_as_wording():
    asked = TargetsOfOne(example_of(("wombat", A), known=("wombat",)))

    assert asked.match("wombat") == [True]
    assert asked.weight("wombat") == 1.0


def test_shipped_phrases_cover_colors_of_cars_and_clothes_and_protective_gear():
    names = ("person", "car", "safety helmet", "bare head")
    texts = PhraseSampler(load_phrasebook(), names).all_phrases()

    assert {"red car", "person in a blue shirt", "person without a helmet"} <= set(texts)
    assert "person wearing a safety helmet" in texts
    assert "person in black trousers" in texts
