"""Every word of the report of a distillation, in English and Korean."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ovd.errors import InputError


@dataclass(frozen=True)
class DistillationTexts:
    """The words of one language; fields in braces are filled with `str.format`."""

    language: str
    title: str
    summary: str
    name: str
    verdict: str
    verdicts: Mapping[str, str]
    labels: str
    labels_detail: str
    steady: str
    steady_detail: str
    ap50_before: str
    ap50_after: str
    count_before: str
    count_after: str
    measure_detail: str
    known_same: str
    known_changed: str
    known_measured: str
    use: str
    not_written: str
    pictures: str
    pictures_detail: str


ENGLISH = DistillationTexts(
    language="en",
    title="What {teacher} taught",
    summary="{frames} frames of {source}; {held_out} of them were held out and not learned from.",
    name="Name",
    verdict="Result",
    verdicts=MappingProxyType(
        {
            "learned": "learned",
            "not_better": "not better than before",
            "too_few": "too few objects",
            "unsteady": "labels not reliable",
            "forgets": "other names got worse",
        }
    ),
    labels="Objects",
    labels_detail="to learn from + held out",
    steady="Found again mirrored",
    steady_detail="of the teacher's own labels",
    ap50_before="AP50 before",
    ap50_after="AP50 after",
    count_before="Count off before",
    count_after="Count off after",
    measure_detail=(
        "Measured on the held-out frames against the labels of the teacher, which may be wrong "
        "themselves. Count off: mean difference per frame."
    ),
    known_same="All {compared} other names are found exactly as before on the held-out frames.",
    known_changed="Other names are found otherwise than before in {frames} held-out frames.",
    known_measured=(
        "AP50 of names known before, against the teacher: {before} before, {after} after."
    ),
    use="Use it",
    not_written="No weights were written: the detector stays as it is.",
    pictures="What the teacher labelled",
    pictures_detail=(
        "Boxes with their scores; fainter finds were neither learned as objects nor as background."
    ),
)

KOREAN = DistillationTexts(
    language="ko",
    title="{teacher} 모델에서 배운 내용",
    summary="{source}에서 프레임 {frames}장을 골랐고, 그중 {held_out}장은 학습에서 제외했습니다.",
    name="이름",
    verdict="결과",
    verdicts=MappingProxyType(
        {
            "learned": "학습함",
            "not_better": "이전보다 나아지지 않음",
            "too_few": "물체가 너무 적음",
            "unsteady": "라벨을 믿기 어려움",
            "forgets": "다른 이름이 나빠짐",
        }
    ),
    labels="물체 수",
    labels_detail="학습용 + 확인용",
    steady="좌우로 뒤집어도 찾음",
    steady_detail="교사 모델 자신의 라벨 중",
    ap50_before="이전 AP50",
    ap50_after="이후 AP50",
    count_before="이전 개수 오차",
    count_after="이후 개수 오차",
    measure_detail=(
        "학습에서 제외한 프레임에서 교사 모델의 라벨과 비교한 값이며, 라벨 자체가 틀릴 수도 "
        "있습니다. 개수 오차는 프레임당 평균 차이입니다."
    ),
    known_same="확인용 프레임에서 다른 이름 {compared}개는 모두 이전과 똑같이 검출됩니다.",
    known_changed="확인용 프레임 {frames}장에서 다른 이름의 검출 결과가 이전과 달라졌습니다.",
    known_measured="이미 알던 이름의 AP50(교사 모델 기준): 이전 {before}, 이후 {after}.",
    use="사용 방법",
    not_written="가중치를 저장하지 않았습니다. 검출기는 그대로입니다.",
    pictures="교사 모델이 표시한 물체",
    pictures_detail=(
        "상자와 점수입니다. 점수가 더 낮은 물체는 물체로도 배경으로도 학습하지 않았습니다."
    ),
)


def distillation_texts(language: str) -> DistillationTexts:
    """Return the words of a language.

    Raises:
        InputError: If there are none.
    """
    for texts in (ENGLISH, KOREAN):
        if texts.language == language:
            return texts
    raise InputError(f"no language {language!r}; known: en, ko")
