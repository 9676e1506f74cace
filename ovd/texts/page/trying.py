"""Words of the view and the window in which queries are tried before they are counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ovd.texts.languages import Language


@dataclass(frozen=True)
class TryTexts:
    """Every text of trying queries; `{...}` is filled in."""

    title: str
    hint: str
    preview: str
    open: str
    open_hint: str
    close: str
    source: str
    newest: str
    kept: str
    file: str
    camera: str
    drop: str
    queries: str
    show: str
    working: str
    compare: str
    detector: str
    nothing_kept: str
    needs_query: str
    needs_file: str
    failed: str
    image: str
    histogram: str
    threshold: str
    conditions: str
    mean: str
    before: str
    after: str
    add: str
    keep: str


ENGLISH = TryTexts(
    title="Try",
    hint="See what a query finds, before anything is counted.",
    preview="Preview",
    open="Preview",
    open_hint="Show what this would count",
    close="Close",
    source="Try it on",
    newest="Newest frame",
    kept="Kept images",
    file="Image or clip",
    camera="Camera",
    drop="Drop an image or a short clip here, or tap to choose one",
    queries="What to look for, one per line or between commas",
    show="Show",
    working="Looking\u2026",
    compare="Compare side by side",
    detector="Detector",
    nothing_kept="Nothing of it is counted or kept.",
    needs_query="Type what to look for first.",
    needs_file="Choose an image or a clip first.",
    failed="The server did not answer. Try again.",
    image="Image with a box around everything that counts",
    histogram="Scores: {count} of {all} count",
    threshold="Threshold of {query}",
    conditions="conditions are judged over several frames; an image shows less",
    mean="{count} (on average {mean})",
    before="Image before",
    after="Next image",
    add="Count it",
    keep="Count with this threshold",
)
KOREAN = TryTexts(
    title="시험",
    hint="세기 전에 무엇이 검출되는지 확인합니다.",
    preview="미리 보기",
    open="미리 보기",
    open_hint="무엇을 세게 될지 보기",
    close="닫기",
    source="시험할 영상",
    newest="최신 프레임",
    kept="보관된 이미지",
    file="이미지 또는 영상 파일",
    camera="카메라",
    drop="이미지나 짧은 영상을 여기에 끌어다 놓거나 눌러서 고르세요",
    queries="찾을 대상(한 줄에 하나, 또는 쉼표로 구분)",
    show="보기",
    working="찾는 중\u2026",
    compare="나란히 비교",
    detector="검출기",
    nothing_kept="아무것도 세거나 저장하지 않습니다.",
    needs_query="찾을 대상을 먼저 입력하세요.",
    needs_file="이미지나 영상을 먼저 고르세요.",
    failed="서버가 응답하지 않았습니다. 다시 시도하세요.",
    image="세는 대상마다 상자를 그린 이미지",
    histogram="점수: {all}개 중 {count}개를 셈",
    threshold="{query} 기준 점수",
    conditions="조건은 여러 프레임에 걸쳐 판단하므로 이미지 한 장으로는 일부만 보입니다",
    mean="{count} (평균 {mean})",
    before="이전 이미지",
    after="다음 이미지",
    add="세기",
    keep="이 기준으로 세기",
)
TRY_TEXTS: Mapping[Language, TryTexts] = MappingProxyType(
    {Language.EN: ENGLISH, Language.KO: KOREAN}
)


def try_texts(language: Language) -> TryTexts:
    """Return the words of one language."""
    return TRY_TEXTS[language]
