"""Examples of queries by topic, and lists of queries for usual places, by language.

They are offered only where the detector can count them: `ovd.language.catalogue` asks the reader.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ovd.texts.languages import Language


@dataclass(frozen=True)
class ExampleList:
    """Queries under one title.

    Lists of one topic have the same order in all languages; what only one can say comes last.

    Attributes:
        title: The title.
        queries: Texts, as an operator would type them.
    """

    title: str
    queries: tuple[str, ...]


@dataclass(frozen=True)
class Examples:
    """The examples of one language.

    Attributes:
        topics: What can be typed, by topic.
        presets: What is usually counted at a place, to be added at once.
    """

    topics: tuple[ExampleList, ...]
    presets: tuple[ExampleList, ...]


_ENGLISH = Examples(
    topics=(
        ExampleList(
            "People",
            (
                "person", "person in red", "person with backpack", "person with umbrella",
                "person riding a bicycle", "person sitting", "person lying on the ground",
            ),
        ),
        ExampleList(
            "Vehicles",
            (
                "car", "red car", "parked car", "truck", "bus", "van", "taxi", "ambulance",
                "motorcycle", "bicycle", "scooter",
            ),
        ),
        ExampleList(
            "Work and safety",
            (
                "safety helmet", "safety vest", "person without helmet",
                "person without safety vest", "face mask", "forklift", "pallet", "conveyor belt",
                "traffic cone", "heavy machinery", "fire", "smoke",
            ),
        ),
        ExampleList(
            "Things people carry",
            ("backpack", "handbag", "suitcase", "abandoned suitcase", "umbrella", "cell phone"),
        ),
        ExampleList(
            "Street",
            (
                "traffic light", "stop sign", "trash can", "garbage", "bench", "license plate",
                "overflowing trash can",
            ),
        ),
        ExampleList("Animals", ("dog", "cat", "bird", "horse", "cow", "sheep")),
        ExampleList(
            "Indoors", ("chair", "dining table", "laptop", "tv", "bottle", "cup", "potted plant")
        ),
    ),
    presets=(
        ExampleList("Shop", ("person", "backpack", "handbag", "suitcase")),
        ExampleList(
            "Building site",
            ("person", "person without helmet", "person without safety vest", "truck", "forklift"),
        ),
        ExampleList("Road", ("car", "truck", "bus", "motorcycle", "bicycle", "person")),
        ExampleList("Yard at night", ("person", "car", "dog", "fire", "smoke")),
    ),
)  # fmt: skip
_KOREAN = Examples(
    topics=(
        ExampleList(
            "사람",
            (
                "사람", "빨간 옷을 입은 사람", "배낭을 멘 사람", "우산을 쓴 사람",
                "자전거를 타는 사람", "앉아 있는 사람", "쓰러진 사람",
            ),
        ),
        ExampleList(
            "차량",
            (
                "자동차", "빨간 자동차", "주차된 자동차", "트럭", "버스", "승합차", "택시",
                "구급차", "오토바이", "자전거", "스쿠터",
            ),
        ),
        ExampleList(
            "작업과 안전",
            (
                "안전모", "안전 조끼", "안전모를 쓰지 않은 사람", "안전 조끼를 입지 않은 사람",
                "마스크", "지게차", "팔레트", "컨베이어 벨트", "라바콘", "중장비", "불", "연기",
            ),
        ),
        ExampleList(
            "들고 다니는 것",
            ("배낭", "핸드백", "여행 가방", "방치된 여행 가방", "우산", "휴대전화"),
        ),
        ExampleList(
            "거리", ("신호등", "정지 표지판", "쓰레기통", "쓰레기", "벤치", "번호판"),
        ),
        ExampleList("동물", ("개", "고양이", "새", "말", "소", "양")),
        ExampleList("실내", ("의자", "식탁", "노트북", "텔레비전", "병", "컵", "화분")),
    ),
    presets=(
        ExampleList("매장", ("사람", "배낭", "핸드백", "여행 가방")),
        ExampleList(
            "공사 현장",
            ("사람", "안전모를 쓰지 않은 사람", "안전 조끼를 입지 않은 사람", "트럭", "지게차"),
        ),
        ExampleList("도로", ("자동차", "트럭", "버스", "오토바이", "자전거", "사람")),
        ExampleList("야간 마당", ("사람", "자동차", "개", "불", "연기")),
    ),
)  # fmt: skip
EXAMPLES: Mapping[Language, Examples] = MappingProxyType(
    {Language.EN: _ENGLISH, Language.KO: _KOREAN}
)
