"""Words of the live view's wall of cameras, and of what is drawn over images."""

from dataclasses import dataclass

from ovd.texts.languages import Language


@dataclass(frozen=True)
class WallTexts:
    """Every text of the wall; `{...}` is filled in."""

    wall: str
    tiles: str
    all_cameras: str
    page: str
    before: str
    after: str
    show: str
    boxes: str
    ids: str
    zones: str
    full_screen: str
    snapshot: str
    open: str
    now: str
    in_today: str
    out_today: str
    unique_today: str
    age: str
    lost_since: str
    lost_today: str
    more: str
    nothing: str
    empty: str


ENGLISH = WallTexts(
    wall="Wall",
    tiles="{number} at once",
    all_cameras="All cameras",
    page="{first}\u2013{last} of {all}",
    before="Earlier cameras",
    after="Further cameras",
    show="Over the image",
    boxes="Boxes",
    ids="Names",
    zones="Zones",
    full_screen="Full screen",
    snapshot="Save image of {camera}",
    open="{camera}: {state}. Show alone",
    now="now",
    in_today="in today",
    out_today="out today",
    unique_today="{count} different today",
    age="{value} s ago",
    lost_since="since {time}",
    lost_today="No image since {time}",
    more="{count} more",
    nothing="Nothing to count yet",
    empty="No camera yet. Add one to see it here.",
)
KOREAN = WallTexts(
    wall="모아 보기",
    tiles="한 번에 {number}대",
    all_cameras="모든 카메라",
    page="{all}대 중 {first}\u2013{last}",
    before="앞 카메라",
    after="다음 카메라",
    show="화면 위 표시",
    boxes="상자",
    ids="이름",
    zones="구역",
    full_screen="전체 화면",
    snapshot="{camera} 화면 저장",
    open="{camera}: {state}. 크게 보기",
    now="현재",
    in_today="오늘 들어옴",
    out_today="오늘 나감",
    unique_today="오늘 서로 다른 {count}",
    age="{value}초 전",
    lost_since="{time}부터",
    lost_today="{time}부터 화면 없음",
    more="{count}개 더",
    nothing="아직 셀 대상이 없습니다",
    empty="아직 카메라가 없습니다. 카메라를 추가하면 여기에 보입니다.",
)


def wall_texts(language: Language) -> WallTexts:
    """Return the words of a language."""
    return {Language.EN: ENGLISH, Language.KO: KOREAN}[language]
