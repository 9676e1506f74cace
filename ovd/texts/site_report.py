"""The words of the weekly report of a site, in English and Korean."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ovd.texts.languages import Language


@dataclass(frozen=True)
class SiteReportTexts:
    """The words of one language; fields in braces are filled with `str.format`."""

    title: str
    subtitle: str
    visitors: str
    against: str
    last_week: str
    last_year: str
    conversion: str
    by_visitor: str
    capture: str
    captured_of: str
    mean_stay: str
    minutes: str
    no_stay: str
    most_inside: str
    mean_inside: str
    unknown: str
    by_day: str
    legend: str
    by_hour: str
    by_hour_note: str
    best: str
    worst: str
    hour_entered: str
    doors: str
    door_line: str
    queues: str
    queue_line: str
    gave_up: str
    notable: str
    more_than_usual: str
    fewer_than_usual: str
    explained: str
    not_judged: str
    nothing_notable: str
    closing: str
    closing_line: str
    outside: str
    errors: str
    observed: str
    imbalance: str
    imbalance_unknown: str
    no_data: str
    weekdays: tuple[str, ...]


ENGLISH = SiteReportTexts(
    title="{site}: week of {first} to {last}",
    subtitle="Visitors are people who entered in the opening hours. Times are of {tz}.",
    visitors="Visitors",
    against="{change} against {what}",
    last_week="last week",
    last_year="the week a year ago",
    conversion="Conversion",
    by_visitor="{amount} by visitor, {count} transactions",
    capture="Capture rate",
    captured_of="{entered} of {passed} who passed by",
    mean_stay="Mean stay",
    minutes="{count} min",
    no_stay="too little was observed to tell",
    most_inside="Most inside",
    mean_inside="{count} on average",
    unknown="not known",
    by_day="Visitors by day",
    legend="dark: this week, pale: last week",
    by_hour="Visitors by hour",
    by_hour_note="Darker is more; blank was closed or not observed.",
    best="Best hour",
    worst="Quietest hour",
    hour_entered="{weekday} {time}, {count} visitors",
    doors="Doors",
    door_line="{name}: {entered} in, {left} out, {share} of all, observed {coverage}",
    queues="Queues",
    queue_line="{name}: half waited up to {half}, nine of ten up to {nine}; {served} served",
    gave_up=", {count} gave up",
    notable="Unusual days",
    more_than_usual="{day}: {count} visitors, {mean} are usual: unusually many",
    fewer_than_usual="{day}: {count} visitors, {mean} are usual: unusually few",
    explained="; {missing} of the opening hours were not observed, which may explain it",
    not_judged="{day}: {missing} of the opening hours were not observed; not compared",
    nothing_notable="No day was unlike the same weekdays before, as far as these are known.",
    closing="After closing",
    closing_line="{day}: {people} inside an hour after closing ({low} to {high})",
    outside="{entered} entered and {left} left while closed",
    errors="How sure this is",
    observed="{coverage} of the opening hours were observed at all doors.",
    imbalance=(
        "Doors count {share} more people {way} than the other way, as {days} days show; the number "
        "inside is corrected for it, the number of visitors is not."
    ),
    imbalance_unknown="The errors of the doors are not known yet: three whole days are needed.",
    no_data="not observed",
    weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
)
KOREAN = SiteReportTexts(
    title="{site}: {first}~{last} 주간 보고서",
    subtitle="방문자는 영업시간에 들어온 사람입니다. 시각은 {tz} 기준입니다.",
    visitors="방문자",
    against="{what} 대비 {change}",
    last_week="지난주",
    last_year="1년 전 같은 주",
    conversion="구매 전환율",
    by_visitor="방문자당 {amount}, 거래 {count}건",
    capture="유입률",
    captured_of="지나간 {passed}명 중 {entered}명",
    mean_stay="평균 체류 시간",
    minutes="{count}분",
    no_stay="관측이 부족해 알 수 없음",
    most_inside="최대 인원",
    mean_inside="평균 {count}명",
    unknown="알 수 없음",
    by_day="요일별 방문자",
    legend="진한 막대: 이번 주, 옅은 막대: 지난주",
    by_hour="시간대별 방문자",
    by_hour_note="진할수록 많고, 빈칸은 영업 외이거나 관측하지 못한 시간입니다.",
    best="가장 붐빈 시간",
    worst="가장 한산한 시간",
    hour_entered="{weekday} {time}, 방문자 {count}명",
    doors="문",
    door_line="{name}: 들어옴 {entered}명, 나감 {left}명, 비율 {share}, 관측률 {coverage}",
    queues="대기 줄",
    queue_line="{name}: 절반은 {half} 이내, 열에 아홉은 {nine} 이내 대기; 응대 {served}명",
    gave_up=", 포기 {count}명",
    notable="평소와 다른 날",
    more_than_usual="{day}: 방문자 {count}명, 평소 {mean}명: 이례적으로 많음",
    fewer_than_usual="{day}: 방문자 {count}명, 평소 {mean}명: 이례적으로 적음",
    explained="; 영업시간의 {missing}가 관측되지 않아 그 때문일 수 있음",
    not_judged="{day}: 영업시간의 {missing}가 관측되지 않아 비교하지 않음",
    nothing_notable="알려진 범위에서 이전 같은 요일과 다른 날이 없습니다.",
    closing="영업 종료 후",
    closing_line="{day}: 종료 한 시간 뒤 {people}명({low}~{high}명)",
    outside="영업 외 시간에 {entered}명이 들어오고 {left}명이 나감",
    errors="정확도",
    observed="모든 문에서 영업시간의 {coverage}를 관측했습니다.",
    imbalance=(
        "{days}일의 기록을 보면 문에서 {way}는 사람을 반대 방향보다 {share} 더 많이 셉니다. "
        "안에 있는 인원은 이를 보정하고, 방문자 수는 보정하지 않습니다."
    ),
    imbalance_unknown="문의 오차는 아직 알 수 없습니다. 온전히 관측된 날이 사흘 필요합니다.",
    no_data="관측 안 됨",
    weekdays=("월", "화", "수", "목", "금", "토", "일"),
)
WAYS: Mapping[Language, tuple[str, str]] = MappingProxyType(
    {Language.EN: ("in", "out"), Language.KO: ("들어오", "나가")}
)
SITE_REPORT_TEXTS: Mapping[Language, SiteReportTexts] = MappingProxyType(
    {Language.EN: ENGLISH, Language.KO: KOREAN}
)
