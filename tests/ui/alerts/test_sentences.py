import re

import pytest

from ovd.domain.alerts import AlertRule, Condition, Direction, WeeklyHours
from ovd.texts.languages import Language
from ovd.texts.page.alerts import alert_texts
from ovd.ui.alerts.sentences import describe_hours, draw_sentence
from tests.builders import make_alert_rule

QUEUE = make_alert_rule(
    cameras=("gate",),
    zone="queue",
    for_s=30.0,
    schedule=("mon-fri 09:00-18:00",),
    to=("ops", "desk"),
)
CROSSED = make_alert_rule(
    when=Condition.CROSSED,
    query="car",
    zone="line",
    count=3,
    within_s=60.0,
    direction=Direction.IN,
    cameras=("gate",),
)


def words(rule: AlertRule, language: Language) -> str:
    return re.sub(r"</?b[^>]*>", "", draw_sentence(rule, alert_texts(language)))


@pytest.mark.parametrize(
    ("rule", "english", "korean"),
    [
        (
            QUEUE,
            "When more than 5 person at gate / queue for 30 s, Mon\N{EN DASH}Fri "
            "09:00\N{EN DASH}18:00: "
            "tell ops, desk",
            "월\N{EN DASH}금 09:00\N{EN DASH}18:00에 gate / queue에서 사람 5개 초과 상태가 "
            "30초 이어지면 "
            "ops, desk에 알림",
        ),
        (
            CROSSED,
            "When 3 car coming in within 1 min at gate / line: note it in the log",
            "gate / line에서 1분 안에 자동차 3개 들어옴 상태가 되면 기록에 남김",
        ),
        (
            make_alert_rule(when=Condition.LOST, for_s=90.0),
            "When the camera is lost at any camera for 90 s: note it in the log",
            "모든 카메라에서 카메라 끊김 상태가 90초 이어지면 기록에 남김",
        ),
        (
            make_alert_rule(when=Condition.DISK_LOW, count=5),
            "When less than 5 GB are free: note it in the log",
            "여유 공간 5GB 미만 상태가 되면 기록에 남김",
        ),
    ],
)
def test_rule_reads_as_a_sentence(rule: AlertRule, english: str, korean: str):
    assert words(rule, Language.EN) == english
    assert words(rule, Language.KO) == korean


def test_names_are_shown_as_text():
    rule = make_alert_rule(cameras=("<b>gate</b>",))

    assert "<b>gate</b>" not in draw_sentence(rule, alert_texts(Language.EN))


@pytest.mark.parametrize("language", Language)
def test_every_condition_has_words(language: Language):
    texts = alert_texts(language)

    for when in Condition:
        assert getattr(texts, f"when_{when.value}")


@pytest.mark.parametrize(
    ("text", "english", "korean"),
    [
        ("daily 22:00-06:00", "daily 22:00-06:00", "매일 22:00-06:00"),
        ("sat,sun", "Sat, Sun", "토, 일"),
        ("fri-mon 8:00-24:00", "Fri-Mon 08:00-24:00", "금-월 08:00-24:00"),
        ("mon, wed-fri 10:00-11:30", "Mon, Wed-Fri 10:00-11:30", "월, 수-금 10:00-11:30"),
    ],
)
def test_hours_are_described_in_the_language(text: str, english: str, korean: str):
    hours = WeeklyHours.parse(text)

    assert describe_hours(hours, alert_texts(Language.EN)) == english.replace("-", "\N{EN DASH}")
    assert describe_hours(hours, alert_texts(Language.KO)) == korean.replace("-", "\N{EN DASH}")
