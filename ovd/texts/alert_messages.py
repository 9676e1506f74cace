"""Every word of a message about an alert, in English and Korean."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ovd.texts.languages import Language


@dataclass(frozen=True)
class AlertMessageTexts:
    """The words of one language; fields in braces are filled with `str.format`.

    Attributes:
        conditions: What happened, by the condition of the rule.

    """

    conditions: Mapping[str, str]
    new: str
    update: str
    end: str
    not_observed: str
    severities: Mapping[str, str]
    place_with_zone: str
    rule: str
    started: str
    ended: str
    lasted: str
    link: str
    digest: str
    test_title: str
    test_text: str
    report_title: str
    seconds: str
    minutes: str
    hours: str

    def length(self, seconds: float) -> str:
        """Return a length of time in words, rounded."""
        if seconds < 120:
            return self.seconds.format(n=round(seconds))
        if seconds < 7200:
            return self.minutes.format(n=round(seconds / 60))
        return self.hours.format(n=round(seconds / 3600, 1))


_ENGLISH = AlertMessageTexts(
    conditions=MappingProxyType(
        {
            "above": "{query} at {place}: {count}, above {threshold}",
            "below": "{query} at {place}: {count}, below {threshold}",
            "present": "{query} present at {place}",
            "absent": "No {query} at {place}",
            "crossed": "{query} at {place}: {count} crossings",
            "lost": "Camera {camera} is lost",
            "stale": "Camera {camera} sends nothing new",
            "occupancy_above": "Occupancy at {place}: {count}, above {threshold}",
            "occupancy_below": "Occupancy at {place}: {count}, below {threshold}",
            "disk_low": "Disk space is low: {count} GB left",
            "moved": "Camera {camera} was moved or defocused",
        }
    ),
    new="{what}",
    update="Still: {what}",
    end="Over: {what}",
    not_observed="It is not observed at the moment.",
    severities=MappingProxyType({"info": "Info", "warning": "Warning", "critical": "Critical"}),
    place_with_zone="{camera}, {zone}",
    rule="Rule: {rule}",
    started="Since: {at}",
    ended="Until: {at}",
    lasted="Lasted: {length}",
    link="Page: {link}",
    digest="{n} alerts",
    test_title="Test message of ovd",
    test_text="This is a test of the target {target}. Alerts will arrive here.",
    report_title="Report {name}, {period}",
    seconds="{n} s",
    minutes="{n} min",
    hours="{n} h",
)

_KOREAN = AlertMessageTexts(
    conditions=MappingProxyType(
        {
            "above": "{place}: {query} {count}, 기준 {threshold} 초과",
            "below": "{place}: {query} {count}, 기준 {threshold} 미만",
            "present": "{place}에서 {query} 감지",
            "absent": "{place}에 {query} 없음",
            "crossed": "{place}: {query} 통과 {count}회",
            "lost": "{camera} 카메라 연결 끊김",
            "stale": "{camera} 카메라에서 새 영상이 오지 않음",
            "occupancy_above": "{place}: 재실 {count}, 기준 {threshold} 초과",
            "occupancy_below": "{place}: 재실 {count}, 기준 {threshold} 미만",
            "disk_low": "디스크 공간 부족: {count} GB 남음",
            "moved": "{camera} 카메라의 방향이나 초점이 바뀜",
        }
    ),
    new="{what}",
    update="계속됨: {what}",
    end="종료: {what}",
    not_observed="지금은 관측되지 않습니다.",
    severities=MappingProxyType({"info": "정보", "warning": "주의", "critical": "긴급"}),
    place_with_zone="{camera}, {zone}",
    rule="규칙: {rule}",
    started="시작: {at}",
    ended="종료: {at}",
    lasted="지속 시간: {length}",
    link="페이지: {link}",
    digest="알림 {n}건",
    test_title="ovd 시험 메시지",
    test_text="알림 대상 {target}의 시험 메시지입니다. 알림은 여기로 전송됩니다.",
    report_title="보고서 {name}, {period}",
    seconds="{n}초",
    minutes="{n}분",
    hours="{n}시간",
)

ALERT_MESSAGE_TEXTS: Mapping[Language, AlertMessageTexts] = MappingProxyType(
    {Language.EN: _ENGLISH, Language.KO: _KOREAN}
)


def alert_message_texts(language: str) -> AlertMessageTexts:
    """Return the words of one language."""
    return ALERT_MESSAGE_TEXTS[Language(language)]
