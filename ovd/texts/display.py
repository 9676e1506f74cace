"""Every word of a display, the screen at the door of a site."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ovd.texts.languages import Language


@dataclass(frozen=True)
class DisplayTexts:
    """The words of one language; fields in braces are filled with `str.format`."""

    of_capacity: str
    inside: str
    free: str
    busy: str
    full: str
    closed: str
    opens_today: str
    opens_on: str
    weekdays: tuple[str, ...]
    unknown: str
    unknown_why: str
    lost: str
    lost_why: str
    pair_title: str
    pair_how: str
    displays_title: str
    pair_form: str
    site: str
    name: str
    code: str
    pair: str
    none: str
    remove: str
    last_seen: str
    never: str


DISPLAY_TEXTS: Mapping[Language, DisplayTexts] = MappingProxyType(
    {
        Language.EN: DisplayTexts(
            of_capacity="of {capacity} inside",
            inside="inside",
            free="Please come in",
            busy="Nearly full",
            full="Please wait",
            closed="Closed",
            opens_today="Opens at {time}",
            opens_on="Opens on {day} at {time}",
            weekdays=(
                "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
            ),
            unknown="Not known",
            unknown_why="Not every door can be seen at the moment.",
            lost="No connection",
            lost_why="The number is not known until the connection is back.",
            pair_title="This screen is not paired yet",
            pair_how="An administrator opens {address} and types this code.",
            displays_title="Displays",
            pair_form="Pair a screen",
            site="Site",
            name="Name of the screen",
            code="Code on the screen",
            pair="Pair",
            none="No screen is paired yet.",
            remove="Remove",
            last_seen="last seen {when}",
            never="not seen yet",
        ),
        Language.KO: DisplayTexts(
            of_capacity="명 · 정원 {capacity}명",
            inside="명",
            free="들어오세요",
            busy="거의 찼습니다",
            full="잠시 기다려 주세요",
            closed="영업 종료",
            opens_today="{time}에 엽니다",
            opens_on="{day} {time}에 엽니다",
            weekdays=("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"),
            unknown="알 수 없음",
            unknown_why="지금은 모든 출입구가 보이지 않습니다.",
            lost="연결 끊김",
            lost_why="다시 연결될 때까지 인원을 알 수 없습니다.",
            pair_title="아직 연결되지 않은 화면입니다",
            pair_how="관리자가 {address} 주소를 열고 이 코드를 입력하면 됩니다.",
            displays_title="안내 화면",
            pair_form="화면 연결",
            site="장소",
            name="화면 이름",
            code="화면에 보이는 코드",
            pair="연결",
            none="연결된 화면이 없습니다.",
            remove="삭제",
            last_seen="마지막 접속 {when}",
            never="아직 접속하지 않음",
        ),
    }
)  # fmt: skip


def display_texts(language: Language) -> DisplayTexts:
    """Return the words of one language."""
    return DISPLAY_TEXTS[language]
