import pytest

from ovd.errors import DatasetError
from ovd.training.text.phrasebook import Relation, load_phrasebook
from tests.training.datasets import BOOK

SHIPPED = load_phrasebook()


@pytest.mark.parametrize(
    ("phrase", "box_name", "relation"),
    [
        ("car", "car", Relation.MATCH),
        ("vehicle", "taxi", Relation.MATCH),
        ("car", "taxi", Relation.UNSURE),
        ("vehicle", "handcart", Relation.UNSURE),
        ("taxi", "car", Relation.UNSURE_UNLESS_LABELLED),
        ("car", "vehicle", Relation.UNSURE_UNLESS_LABELLED),
        ("van", "truck", Relation.UNSURE_UNLESS_LABELLED),
        ("car", "person", Relation.UNRELATED),
        ("wombat", "wombat", Relation.MATCH),
    ],
)
def test_relation_follows_groups_and_wider_names(phrase, box_name, relation):
    assert BOOK.relation(phrase, box_name) == relation


def test_related_names_may_mean_one_object_in_both_directions():
    assert BOOK.are_related("taxi", "car")
    assert BOOK.are_related("car", "taxi")
    assert not BOOK.are_related("car", "person")


@pytest.mark.parametrize(
    ("name", "exhaustive", "soft", "weight"),
    [
        ("car", {"car"}, set(), 1.0),
        ("car", {"truck"}, set(), 0.0),
        ("car", {"vehicle"}, set(), 0.5),
        ("vehicle", {"car", "truck"}, set(), 1.0),
        ("vehicle", {"car"}, set(), 0.0),
        ("fruit", {"apple"}, set(), 0.3),
        ("van", {"car", "truck"}, set(), 0.5),
        ("van", {"car"}, set(), 0.0),
        ("person", {"car"}, {"person"}, 0.3),
        ("fruit", set(), {"apple"}, 0.3),
        ("fire", {"car"}, set(), 0.2),
        ("fire", {"smoke"}, set(), 0.0),
    ],
)
def test_absence_weight_follows_what_the_source_labels(name, exhaustive, soft, weight):
    assert BOOK.absence(name, exhaustive, soft) == weight


def test_wordings_begin_with_the_name():
    assert BOOK.wordings("car") == ("car", "automobile")
    assert BOOK.wordings("vehicle") == ("vehicle", "conveyance")
    assert BOOK.wordings("wombat") == ("wombat",)


@pytest.mark.parametrize(
    ("name", "plural"),
    [
        ("car", "cars"),
        ("bus", "buses"),
        ("bench", "benches"),
        ("lorry", "lorries"),
        ("boy", "boys"),
    ],
)
def test_plural_is_regular_unless_listed(name, plural):
    assert BOOK.plural(name) == plural


def test_shipped_plurals_are_irregular_where_english_is():
    assert SHIPPED.plural("knife") == "knives"
    assert SHIPPED.plural("sheep") == "sheep"


def test_shipped_groups_and_relations_name_known_words_only():
    names = SHIPPED.synonyms.keys() | SHIPPED.groups.keys()
    used = {
        *SHIPPED.overlapping,
        *SHIPPED.presumed_absent,
        *(n for table in (SHIPPED.kind_of, SHIPPED.labelled_as) for n, ws in table.items()),
        *(
            w
            for table in (SHIPPED.kind_of, SHIPPED.labelled_as)
            for ws in table.values()
            for w in ws
        ),
        *(n for g in SHIPPED.groups.values() for n in g.members | g.core | g.unsure),
        *(n for attribute in SHIPPED.attributes for n in attribute.names),
        *(n for rule in SHIPPED.containment_rules for n in rule.inner.values()),
    }

    assert used <= names


def test_shipped_vehicles_hold_the_kinds_of_street_sources():
    assert SHIPPED.relation("vehicle", "cycle rickshaw") == Relation.MATCH
    assert SHIPPED.relation("car", "suv") == Relation.UNSURE
    assert SHIPPED.relation("person without a helmet", "bare head") == Relation.MATCH
    assert SHIPPED.relation("person without a helmet", "person") == Relation.UNSURE


def test_load_phrasebook_refuses_a_wording_of_two_names(tmp_path):
    path = tmp_path / "phrases.toml"
    path.write_text('[synonyms]\ncar = ["auto"]\n"auto rickshaw" = ["auto"]\n')

    with pytest.raises(DatasetError, match="'auto' is given to 'car' and 'auto rickshaw'"):
        load_phrasebook(path)


@pytest.mark.parametrize(
    "content", ["[synonyms", "[groups.vehicle]\nsynonyms = []\n", "kind_of = 3\n"]
)
def test_load_phrasebook_names_a_file_it_cannot_use(tmp_path, content):
    path = tmp_path / "phrases.toml"
    path.write_text(content)

    with pytest.raises(DatasetError, match=r"phrases\.toml|phrases .*phrases\.toml"):
        load_phrasebook(path)


def test_load_phrasebook_refuses_a_missing_file(tmp_path):
    with pytest.raises(DatasetError, match="cannot read phrases"):
        load_phrasebook(tmp_path / "gone.toml")
