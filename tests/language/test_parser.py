"""How texts are read, as tables: text, English reading, prompts."""

import pytest

from ovd.domain.notes import ENGLISH
from ovd.domain.query import AttributeKind, ObjectPart, RequiredColour
from ovd.language.grammar import load_grammar
from ovd.language.korean.lexicon import load_korean_grammar, merge_readings
from ovd.language.korean.reader import KoreanReader
from ovd.language.label_index import LabelIndex
from ovd.language.lexicon import load_lexicon
from ovd.language.parser import Parser, Reading, Refusal
from tests.language.vocabularies import COCO, SITE


def told(found):
    return ENGLISH.describe(found.notes)


ROAD = ("car", "bus", "truck", "motorcycle")

SAME_NAME = """
person          | person, Person, PERSON, the person, any persons, people, all the people, person.
car             | cars, "car", a car, some cars, (car), how many cars
bus             | buses, busses, every bus, number of buses
knife           | knives
mouse           | mice
sheep           | the sheep
bench           | benches
toothbrush      | toothbrushes, tooth brush
sandwich        | sandwiches
scissors        | scissors
skis            | skis
cell phone      | cellphone, cell-phone, Cell Phones, cell_phone
traffic light   | traffic lights, trafficlight
hot dog         | hotdog, hot dogs
teddy bear      | teddy bears
tv              | TV, TVs
"""

OTHER_WORDS = """
person          | pedestrian, pedestrians, human, human beings, passer-by, passers-by, man, men
person          | woman, women, child, children, kids, baby, babies, gentlemen, ladies, customers
bicycle         | bike, bikes, push bike, pushbike, cycle
car             | automobile, automobiles, motor car, sedan, passenger cars
motorcycle      | motorbike, motor bike, moped
airplane        | aeroplane, plane, aircraft, jet
bus             | coach, coaches, autobus
train           | railway train, locomotive, rail car, tram
truck           | lorry, lorries, freight truck, cargo truck
boat            | ship, vessel, rowing boat, yachts
traffic light   | stoplight, traffic signal, traffic lamps
dog             | puppy, puppies, hound, canine
cat             | kitten, kitty, feline
horse           | pony, ponies, stallion, mare
sheep           | lamb, ram
cow             | cattle, bull, calf, calves
bird            | pigeon, seagull, geese
backpack        | rucksack, knapsack, school bag
handbag         | purse, shoulder bag, lady's bag
suitcase        | luggage, trolley case
umbrella        | parasol, brolly
couch           | sofa, settee
tv              | television, tv screen, monitor
cell phone      | mobile phone, smartphone, phone
laptop          | notebook computer
cup             | mug, teacup
potted plant    | houseplant, plant pot
dining table    | kitchen table
sports ball     | ball, football, soccer balls
refrigerator    | fridge
donut           | doughnut, doughnuts
hair drier      | hair dryer, hairdryer
tennis racket   | tennis racquet
"""

KOREAN = """
person          | 사람, 사람들, 보행자, 보행자들, 남자, 여자들, 아이, 모든 사람, 사람 수, 행인
bicycle         | 자전거, 자전거들
car             | 자동차, 차, 차들, 승용차
motorcycle      | 오토바이, 모터사이클
airplane        | 비행기
bus             | 버스, 시내버스
truck           | 트럭, 화물차
traffic light   | 신호등, 교통 신호등
dog             | 개, 강아지, 강아지들
cat             | 고양이, 길고양이
bird            | 새, 비둘기
backpack        | 배낭, 백팩
umbrella        | 우산
cell phone      | 휴대폰, 핸드폰, 스마트폰
laptop          | 노트북
refrigerator    | 냉장고
dining table    | 식탁
chair           | 의자
"""

GROUPS = [
    ("vehicle", "vehicle", ROAD),
    ("the vehicles", "vehicle", ROAD),
    ("차량", "vehicle", ROAD),
    ("차량들", "vehicle", ROAD),
    ("two-wheelers", "two-wheeler", ("bicycle", "motorcycle")),
    ("이륜차", "two-wheeler", ("bicycle", "motorcycle")),
    ("animals", "animal", COCO[16:17] + COCO[15:16] + COCO[17:20] + COCO[14:15] + COCO[20:24]),
    ("가축", "livestock", ("cow", "sheep", "horse")),
    ("pets", "pet", ("dog", "cat")),
    ("furniture", "furniture", ("chair", "couch", "bed", "dining table", "bench")),
    ("가구", "furniture", ("chair", "couch", "bed", "dining table", "bench")),
    ("bag", "bag", ("backpack", "handbag", "suitcase")),
    ("fruits", "fruit", ("banana", "apple", "orange")),
    ("cutlery", "cutlery", ("fork", "knife", "spoon")),
    ("silverware", "cutlery", ("fork", "knife", "spoon")),
    ("electronics", "electronics", ("tv", "laptop", "mouse", "remote", "keyboard", "cell phone")),
    ("sports equipment", "sports equipment", ("sports ball", *COCO[29:32], *COCO[33:39])),
    ("food", "food", ("banana", "apple", "orange", "broccoli", "carrot", "sandwich", *COCO[52:56])),
    ("table", "table", ("dining table",)),
]

ALTERNATIVES = [
    ("car or bus", "car or bus", ("car", "bus"), ()),
    ("cars / trucks", "car or truck", ("car", "truck"), ()),
    ("a car, a bus or a truck", "car or bus or truck", ("car", "bus", "truck"), ()),
    ("car or automobile", "car", ("car",), ()),
    ("자동차 또는 버스", "car or bus", ("car", "bus"), ()),
    ("vehicle or person", "vehicle or person", (*ROAD, "person"), ()),
    ("vehicle except bus", "vehicle except bus", ("car", "truck", "motorcycle"), ("bus",)),
    (
        "vehicles except for the buses",
        "vehicle except bus",
        ("car", "truck", "motorcycle"),
        ("bus",),
    ),
    (
        "vehicle but not buses or trucks",
        "vehicle except bus or truck",
        ("car", "motorcycle"),
        ("bus", "truck"),
    ),
    (
        "animals excluding dogs and cats",
        "animal except dog or cat",
        COCO[17:20] + COCO[14:15] + COCO[20:24],
        ("dog", "cat"),
    ),
    ("person except dog", "person except dog", ("person",), ("dog",)),
    ("차량 버스 제외", "vehicle except bus", ("car", "truck", "motorcycle"), ("bus",)),
    ("버스를 제외한 차량", "vehicle except bus", ("car", "truck", "motorcycle"), ("bus",)),
    ("차량(버스 제외)", "vehicle except bus", ("car", "truck", "motorcycle"), ("bus",)),
    ("트럭 빼고 차량", "vehicle except truck", ("car", "bus", "motorcycle"), ("truck",)),
]

SITE_READINGS = """
safety helmet   | hard hat, hardhat, construction helmet, 안전모
safety vest     | hi-vis vest, high visibility vest, reflective vest, 안전조끼
traffic cone    | road cone, pylon, safety cones, 라바콘
fire            | flame, flames, blaze, 불, 화재
smoke           | fumes, smoke cloud, 연기
pickup truck    | pickup, pick-up truck, pickups, 픽업트럭
license plate   | number plate, licence plate, registration plates, 번호판
auto rickshaw   | tuk-tuk, three-wheeler, motor rickshaw
heavy machinery | excavator, digger, construction machine, 굴착기, 중장비
taxi            | cab, taxis, 택시
scooter         | motor scooter, 스쿠터
bare head       | head without helmet, no hard hat
face mask       | surgical mask, face masks
torso without safety vest | no safety vest
"""

REFUSALS = [
    ("helmet", 'the detector has not learned "helmet"; no supported name comes near'),
    ("fire", 'the detector has not learned "fire"; no supported name comes near'),
    ("house", "no supported name comes near; it knows person, bicycle, car, motorcycle, airplane"),
    ("헬멧", 'has not learned "헬멧" (helmet)'),
    ("택시", 'has not learned "택시" (taxi); nearest supported: "car"'),
    ("van", 'has not learned "van"; nearest supported: "car" or "truck"'),
    ("pears", 'has not learned "pears"; nearest supported: "banana" or "apple" or "orange"'),
    ("cyclist", 'nearest supported: "person" or "bicycle"'),
    ("red car", 'cannot judge "red"; nearest supported: "car", which counts all of them'),
    ("a big red car", 'cannot judge "big red"; nearest supported: "car"'),
    ("person with helmet", 'cannot judge "with helmet"; nearest supported: "person"'),
    ("running man", 'cannot judge "running"; nearest supported: "person"'),
    ("old man with a hat", 'cannot judge "old" and "with a hat"; nearest supported: "person"'),
    ("man riding a bicycle", 'cannot judge "riding a bicycle"; nearest supported: "person"'),
    ("cars parked on the street", 'cannot judge "parked on the street"; nearest supported: "car"'),
    ("2 people", 'cannot judge "2"; nearest supported: "person"'),
    ("car > 0.5", 'cannot judge "> 0.5"; nearest supported: "car"'),
    ("🔴 car", 'cannot judge "🔴"; nearest supported: "car"'),
    ("not a car", 'cannot judge "not"; nearest supported: "car"'),
    ("!car", 'cannot judge "!"; nearest supported: "car"'),
    ("빨간색 자동차", 'cannot judge "red"; nearest supported: "car"'),
    ("헬멧을 쓴 사람", 'cannot judge "wearing a helmet"; nearest supported: "person"'),
    ("toy car", 'has not learned "toy car"; nearest supported: "car"'),
    ("cd player", 'has not learned "cd player"; no supported name comes near'),
    ("red helmet", 'has not learned "red helmet"; no supported name comes near'),
    ("red taxi", 'has not learned "red taxi"; nearest supported: "car"'),
    ("dog house", 'has not learned "dog house"; no supported name comes near'),
    ("car or helmet", 'has not learned "helmet"'),
    ("vehicle except helmet", 'has not learned "helmet"'),
    ("helmet except car", 'has not learned "helmet"'),
    ("vehicle except sedan", 'cannot leave out "sedan" alone; the detector reads it as "car"'),
    ("person but not children", 'cannot leave out "children" alone'),
    ("car except vehicle", 'nothing is left to count in "car except vehicle"'),
    ("person and dog", 'type "person, dog" for a count of each, or "person or dog" for one count'),
    ("사람, 개", 'type "person, dog" for a count of each'),
    ("except bus", 'has not learned "except bus"; nearest supported: "bus"'),
    ("버스 제외", 'has not learned "버스 제외"'),
    ("or", 'has not learned "or"'),
    ("🚗", 'has not learned "🚗"; no supported name comes near'),
]


def build_parser(names, attributes=frozenset()):
    grammar = load_grammar()
    lexicon = load_lexicon()
    korean = KoreanReader(grammar, load_korean_grammar(), merge_readings(lexicon))
    return Parser(LabelIndex(lexicon, grammar, names), grammar, korean, names, attributes)


@pytest.fixture(scope="module")
def coco():
    return build_parser(COCO)


@pytest.fixture(scope="module")
def site():
    return build_parser(SITE)


def rows(table):
    """Pairs of name and text out of lines such as `name | text, text`."""
    lines = (line.split("|") for line in table.strip().splitlines())
    return [(name.strip(), text.strip()) for name, texts in lines for text in texts.split(",")]


@pytest.mark.parametrize(("name", "text"), rows(SAME_NAME))
def test_a_known_name_is_read_without_a_note(coco, name, text):
    reading = coco.parse(text)

    assert reading == Reading(name, (name,), notes=reading.notes)
    assert "read as" not in told(reading)


@pytest.mark.parametrize(("name", "text"), rows(OTHER_WORDS) + rows(KOREAN))
def test_a_synonym_is_read_as_the_name_with_a_note(coco, name, text):
    reading = coco.parse(text)

    assert reading == Reading(name, (name,), notes=reading.notes)
    assert told(reading).startswith(f'read as "{name}"')


@pytest.mark.parametrize(("name", "text"), rows(SITE_READINGS))
def test_names_outside_coco_are_read_if_the_detector_knows_them(site, name, text):
    assert site.parse(text).prompts == (name,)


@pytest.mark.parametrize(("text", "read_as", "prompts"), GROUPS)
def test_a_group_becomes_its_learned_members_and_lists_them(coco, text, read_as, prompts):
    reading = coco.parse(text)

    assert (reading.read_as, reading.prompts) == (read_as, prompts)
    assert "counts " in told(reading)
    assert all(name in told(reading) for name in prompts)


@pytest.mark.parametrize(("text", "read_as", "prompts", "excluded"), ALTERNATIVES)
def test_alternatives_and_exclusions_are_read(coco, text, read_as, prompts, excluded):
    reading = coco.parse(text)

    assert (reading.read_as, reading.prompts, reading.excluded) == (read_as, prompts, excluded)


@pytest.mark.parametrize(("text", "note"), REFUSALS)
def test_attributes_that_cannot_be_judged_are_refused_with_a_reason(coco, text, note):
    refusal = coco.parse(text)

    assert isinstance(refusal, Refusal)
    assert note in told(refusal)


def test_narrower_words_come_with_a_note_about_what_counts(coco):
    assert told(coco.parse("man")) == 'read as "person"; it cannot tell men from women'
    assert told(coco.parse("pigeons")) == 'read as "bird"; every bird counts, not only "pigeon"'


def test_an_ambiguous_name_has_a_note_with_its_meaning(coco):
    assert told(coco.parse("mice")) == "the computer mouse, not the animal"


def test_a_group_after_an_exclusion_lists_what_is_left(coco):
    assert told(coco.parse("차량 버스 제외")) == "counts car, truck and motorcycle"


def test_everything_is_every_known_name(coco):
    everything, rest = coco.parse("everything"), coco.parse("모든 것 사람 제외")

    assert everything.prompts == COCO
    assert told(everything) == "counts person, bicycle, car, motorcycle, airplane and 75 more names"
    assert rest == Reading("everything except person", COCO[1:], ("person",), rest.notes)


COLOURS_AND_CLOTHES = frozenset({AttributeKind.COLOUR, AttributeKind.WORN})


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("red car", ("red car",)),
        ("a red or blue car", None),
        ("red two-wheeler", ("red bicycle", "red motorcycle")),
        ("red car or bus", ("red car", "bus")),
        ("person wearing a blue hat", ("person wearing a blue hat",)),
        ("person without helmet", ("person without helmet",)),
        ("helmetless person", ("person without helmet",)),
        ("사람 중 빨간 차", None),
        ("파란 모자를 쓴 남자", ("person wearing a blue hat",)),
        ("person with a red backpack", None),
        ("running man", None),
        ("2 red cars", None),
        ("red helmet", None),
    ],
)
def test_only_attributes_that_the_detector_judges_are_counted(text, prompts):
    found = build_parser(COCO, COLOURS_AND_CLOTHES).parse(text)

    assert (found.prompts if isinstance(found, Reading) else None) == prompts


def test_colours_are_separated_from_the_noun_with_their_body_part():
    parser = build_parser(COCO, frozenset({AttributeKind.COLOUR, AttributeKind.CLOTHES_COLOUR}))

    def colours(text):
        found = parser.parse(text)
        assert isinstance(found, Reading)
        return [(item.prompt, item.name, item.colours) for item in found.coloured]

    assert colours("grey car or bus") == [("grey car", "car", (RequiredColour("gray"),))]
    assert colours("빨간 옷을 입은 사람") == [
        ("person wearing red clothes", "person", (RequiredColour("red", ObjectPart.UPPER_BODY),))
    ]
    assert colours("person in a red shirt with blue jeans") == [
        (
            "person in a red shirt with blue jeans",
            "person",
            (
                RequiredColour("red", ObjectPart.UPPER_BODY),
                RequiredColour("blue", ObjectPart.LOWER_BODY),
            ),
        )
    ]
    assert colours("car") == []


@pytest.mark.parametrize(
    "text", ["dark red car", "striped cat", "black white car", "person in a red hat", "a red"]
)
def test_attributes_beyond_the_detector_are_refused(text):
    parser = build_parser(COCO, frozenset({AttributeKind.COLOUR, AttributeKind.CLOTHES_COLOUR}))

    assert not isinstance(parser.parse(text), Reading)


def test_a_colour_alone_cannot_be_excluded():
    parser = build_parser(COCO, frozenset({AttributeKind.COLOUR}))

    assert "cannot leave out" in told(parser.parse("vehicle except red car"))


def test_a_refusal_names_only_the_attributes_not_judged():
    refusal = build_parser(COCO, COLOURS_AND_CLOTHES).parse("red car parked on the street")

    assert 'cannot judge "parked on the street"' in told(refusal)


def test_missing_equipment_is_suggested_if_the_detector_knows_it(site):
    assert 'nearest supported: "bare head" or "person"' in told(site.parse("person without helmet"))


def test_a_korean_phrase_is_refused_with_its_english_reading(coco):
    refusal = coco.parse("파란 모자를 쓴 남자")

    assert refusal.read_as == "man wearing a blue hat"
    assert 'cannot judge "wearing a blue hat"' in told(refusal)


def test_notes_of_alternatives_are_not_repeated(coco):
    assert told(coco.parse("man or woman")) == 'read as "person"; it cannot tell men from women'


def test_helmet_is_read_as_the_known_safety_helmet_with_a_note(site):
    assert told(site.parse("helmet")) == "counts safety helmet"


def test_a_korean_refusal_carries_the_english_reading(coco):
    refusal = coco.parse("안전모")

    assert isinstance(refusal, Refusal)
    assert refusal.read_as == "safety helmet"


def test_long_texts_are_cut_in_the_note(coco):
    refusal = coco.parse("x" * 190)

    assert isinstance(refusal, Refusal)
    assert len(told(refusal)) < 250


def test_few_known_names_are_all_listed():
    refusal = build_parser(("person", "car")).parse("helmet")

    assert isinstance(refusal, Refusal)
    assert told(refusal).endswith("it knows person and car")


def test_the_tables_hold_enough_cases():
    tables = (SAME_NAME, OTHER_WORDS, KOREAN, SITE_READINGS)

    assert sum(len(rows(table)) for table in tables) + len(GROUPS + ALTERNATIVES + REFUSALS) > 120


@pytest.mark.parametrize("text", ["red or blue truck", "red or blue truck but not bus"])
def test_a_noun_named_once_belongs_to_every_attribute_before_it(coco, text):
    refusal = coco.parse(text)

    assert isinstance(refusal, Refusal)
    assert told(refusal).startswith('the detector cannot judge "red"; nearest supported: "truck"')
