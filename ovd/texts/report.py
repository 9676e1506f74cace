"""Every word of a report for people, in English and Korean."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ovd.errors import InputError


@dataclass(frozen=True)
class ReportTexts:
    """The words of one language; fields in braces are filled with `str.format`."""

    language: str
    title: str
    period: str
    created: str
    time_zone: str
    cameras: str
    queries: str
    bucket: str
    rows: str
    coverage: str
    coverage_detail: str
    totals: str
    overview: str
    busiest_hour: str
    busiest_detail: str
    change_from_period: str
    change_from_camera: str
    change_detail: str
    measure_in: str
    measure_unique: str
    measure_highest: str
    per_observed_hour: str
    not_observed_before: str
    camera: str
    query: str
    mean: str
    maximum: str
    peak_at: str
    observed: str
    frames: str
    unique: str
    crossed_in: str
    crossed_out: str
    balance: str
    zone: str
    zone_kind: str
    zone_kinds: Mapping[str, str]
    zone_passages: str
    zone_passages_note: str
    zones_moved: str
    watched: str
    occupancy: str
    occupancy_note: str
    mean_inside: str
    max_inside: str
    mean_dwell: str
    median_dwell: str
    unfinished: str
    top_queries: str
    at_cameras: str
    over_time: str
    over_time_note: str
    dotted_note: str
    heat_map: str
    heat_map_note: str
    comparison: str
    with_period: str
    with_camera: str
    before: str
    now: str
    change: str
    table: str
    table_note: str
    more_series: str
    start: str
    end: str
    count_axis: str
    empty: str
    not_observed: str
    page: str
    counts_sheet: str
    summary_sheet: str
    charts_sheet: str
    data_sheet: str
    explanation: str
    pending: str
    unknown: str
    unjudged_note: str
    judged_note: str
    mail_intro: str
    mail_line: str
    removed_queries: str
    removed_note: str
    weekdays: tuple[str, ...]
    seconds: str
    minutes: str
    whole_hours: str
    days: str

    def length(self, seconds: int) -> str:
        """A length of time in words, such as "15 minutes"."""
        for unit_s, words in ((86400, self.days), (3600, self.whole_hours), (60, self.minutes)):
            if seconds >= unit_s and seconds % unit_s == 0:
                return words.format(n=seconds // unit_s)
        return self.seconds.format(n=seconds)


ENGLISH = ReportTexts(
    language="en",
    title="Count report",
    period="Period",
    created="Created",
    time_zone="Time zone",
    cameras="Cameras",
    queries="Queries",
    bucket="Grouped by",
    rows="Rows",
    coverage="Coverage",
    coverage_detail="of the period was observed",
    totals="Totals",
    overview="At a glance",
    busiest_hour="Busiest hour",
    busiest_detail="{query}: about {count} at once",
    change_from_period="Change from the period before",
    change_from_camera="Change from the other camera",
    change_detail="{measure}: {now}, before {before}",
    measure_in="came in",
    measure_unique="different objects",
    measure_highest="most at once",
    per_observed_hour="per observed hour",
    not_observed_before="not observed before",
    camera="Camera",
    query="Query",
    mean="Mean",
    maximum="Highest",
    peak_at="Highest at",
    observed="Observed",
    frames="Frames",
    unique="Different",
    crossed_in="In",
    crossed_out="Out",
    balance="In - out",
    zone="Zone",
    zone_kind="Kind",
    zone_kinds=MappingProxyType({"line": "Line", "polygon": "Area"}),
    zone_passages="Zones",
    zone_passages_note="Objects that were followed over a line, or into an area and out of it, "
    "while the zone was watched. A zone that was not watched in the period is not listed.",
    zones_moved="Moved in the period, and told as one: {zones}.",
    watched="Watched",
    occupancy="Occupancy and dwell of areas",
    occupancy_note="Inside is how many were in the area at once, over the time it was watched. "
    "Dwell is how long those stayed who left. Visits that were not seen to end are left out of "
    "it; the last column says how many.",
    mean_inside="Mean inside",
    max_inside="Most inside",
    mean_dwell="Mean dwell",
    median_dwell="Median dwell",
    unfinished="Not ended",
    top_queries="Most seen",
    at_cameras="Cameras",
    over_time="Over time",
    over_time_note="Mean number visible at once, per {step}. A hole was not observed.",
    dotted_note="Dotted lines show what it is compared with.",
    heat_map="Weekday and hour",
    heat_map_note="Mean number visible at once, by the clock of {tz}. Blank was not observed.",
    comparison="Comparison",
    with_period="with {start} to {end}",
    with_camera="with camera {camera}",
    before="Before",
    now="Now",
    change="Change",
    table="Counts per {step}",
    table_note="The report's {rows:,} rows are in its CSV, XLSX, JSON and Parquet forms.",
    more_series="{shown} of {all} are shown, the most seen; the totals list all.",
    start="From",
    end="To",
    count_axis="Visible at once",
    empty="Nothing was counted",
    not_observed="not observed",
    page="Page {page}",
    counts_sheet="Counts",
    summary_sheet="Summary",
    charts_sheet="Charts",
    data_sheet="Chart data",
    explanation="A count is how many matching objects one frame shows. Means are over the frames "
    "that were counted. Coverage is the share of the period that was observed; what was not "
    "observed is left empty and is never counted as zero.",
    pending="Not judged yet",
    unknown="Cannot be judged",
    unjudged_note="Objects that were not judged yet, or cannot be (too small, cut off), may match "
    "too: they are means per frame beside the counts, and in none of them.",
    judged_note="A judge decided about each object ({judges}): it counts from that combined score "
    "of detector and judge on.",
    mail_intro="Counts of {period} ({tz}), a day a line. The attached file has rows of {bucket}.",
    mail_line="mean {mean:.2f}, max {most:,}, observed {coverage:.0%}",
    removed_queries="Removed queries ({count})",
    removed_note="Their cameras are not asked these any more; the numbers above are without them.",
    weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    seconds="{n} s",
    minutes="{n} min",
    whole_hours="{n} h",
    days="{n} d",
)

KOREAN = ReportTexts(
    language="ko",
    title="집계 보고서",
    period="기간",
    created="작성",
    time_zone="시간대",
    cameras="카메라",
    queries="셀 대상",
    bucket="집계 단위",
    rows="행",
    coverage="관측률",
    coverage_detail="기간 중 실제로 관측한 비율",
    totals="합계",
    overview="한눈에 보기",
    busiest_hour="가장 붐빈 시간",
    busiest_detail="{query}: 동시에 약 {count}",
    change_from_period="이전 기간 대비 변화",
    change_from_camera="다른 카메라 대비 변화",
    change_detail="{measure}: {now}, 이전 {before}",
    measure_in="들어온 수",
    measure_unique="서로 다른 수",
    measure_highest="동시 최대",
    per_observed_hour="관측 시간당",
    not_observed_before="이전에는 관측 안 됨",
    camera="카메라",
    query="셀 대상",
    mean="평균",
    maximum="최대",
    peak_at="최대 시각",
    observed="관측 시간",
    frames="프레임",
    unique="서로 다른 수",
    crossed_in="들어옴",
    crossed_out="나감",
    balance="들어옴 - 나감",
    zone="구역",
    zone_kind="종류",
    zone_kinds=MappingProxyType({"line": "선", "polygon": "영역"}),
    zone_passages="구역",
    zone_passages_note="구역을 지켜본 시간 동안 선을 넘거나 영역에 들어오고 나간 대상의 수입니다. "
    "기간 중 지켜보지 않은 구역은 표에 없습니다.",
    zones_moved="기간 중 위치가 바뀌어 하나로 합친 구역: {zones}.",
    watched="지켜본 시간",
    occupancy="영역의 점유와 체류",
    occupancy_note="점유는 지켜본 시간 동안 영역 안에 동시에 있던 수이고, 체류는 나간 대상이 머문 "
    "시간입니다. 끝을 보지 못한 방문은 체류에서 빠지며 그 수는 마지막 열에 있습니다.",
    mean_inside="평균 점유",
    max_inside="최대 점유",
    mean_dwell="평균 체류",
    median_dwell="체류 중앙값",
    unfinished="끝나지 않은 방문",
    top_queries="많이 보인 대상",
    at_cameras="카메라 수",
    over_time="시간별 추이",
    over_time_note="동시에 보이는 평균 수, {step} 단위. 끊긴 곳은 관측하지 않은 때입니다.",
    dotted_note="점선은 비교 대상입니다.",
    heat_map="요일과 시간",
    heat_map_note="동시에 보이는 평균 수, {tz} 시계 기준. 빈칸은 관측하지 않은 때입니다.",
    comparison="비교",
    with_period="비교 기간: {start} ~ {end}",
    with_camera="비교 카메라: {camera}",
    before="이전",
    now="이번",
    change="변화",
    table="{step} 단위 집계",
    table_note="모든 행({rows:,}개)은 CSV, XLSX, JSON, Parquet 파일에 있습니다.",
    more_series="전체 {all}개 가운데 많이 보인 {shown}개만 보입니다. 합계에는 모두 있습니다.",
    start="시작",
    end="끝",
    count_axis="동시에 보이는 수",
    empty="집계된 값이 없습니다",
    not_observed="관측 안 됨",
    page="{page}쪽",
    counts_sheet="집계",
    summary_sheet="요약",
    charts_sheet="차트",
    data_sheet="차트 데이터",
    explanation="집계 값은 한 프레임에 보이는 대상의 수이며, 평균은 집계한 프레임의 평균입니다. "
    "관측률은 기간 가운데 실제로 관측한 비율입니다. 관측하지 않은 때는 비워 두며 0으로 세지 "
    "않습니다.",
    pending="판정 중",
    unknown="알 수 없음",
    unjudged_note="아직 판정하지 않았거나 판정할 수 없는 대상(너무 작거나 잘림)은 해당할 수도 "
    "있습니다. 프레임당 평균으로 따로 적으며 집계 값에는 들어 있지 않습니다.",
    judged_note="판정 모델({judges})이 물체마다 판정했습니다. 검출기와 판정 모델의 결합 점수가 "
    "@ 뒤의 값 이상인 물체만 셉니다.",
    mail_intro="{period} 집계({tz}), 하루 한 줄입니다. {bucket} 단위 행은 첨부 파일에 있습니다.",
    mail_line="평균 {mean:.2f}, 최대 {most:,}, 관측률 {coverage:.0%}",
    removed_queries="삭제한 항목 ({count})",
    removed_note="카메라에서 더 이상 세지 않는 항목입니다. 위의 숫자에는 들어 있지 않습니다.",
    weekdays=("월", "화", "수", "목", "금", "토", "일"),
    seconds="{n}초",
    minutes="{n}분",
    whole_hours="{n}시간",
    days="{n}일",
)

TEXTS: Mapping[str, ReportTexts] = MappingProxyType({"en": ENGLISH, "ko": KOREAN})


def report_texts(language: str) -> ReportTexts:
    """The words of one language.

    Raises:
        InputError: If there is none of that name.
    """
    if language not in TEXTS:
        raise InputError(f"no report language {language!r}; available: {', '.join(TEXTS)}")
    return TEXTS[language]
