"""Sentences about the reading of a query, in the languages of the interface."""

from collections.abc import Mapping
from types import MappingProxyType

from ovd.domain.notes import ENGLISH, NoteCode, NoteTexts
from ovd.texts.languages import Language

KOREAN = NoteTexts(
    sentences=MappingProxyType(
        {
            NoteCode.READ_AS: "“{about}”(으)로 읽었습니다",
            NoteCode.SYNONYM: "“{about}”(으)로 읽었습니다(동의어)",
            NoteCode.KIND_OF: "“{about}”(으)로 읽었습니다(그 한 종류)",
            NoteCode.COUNTS: "세는 것: {plain}",
            NoteCode.COUNTS_ALL: "“{other}”만이 아니라 {about} 전체를 셉니다",
            NoteCode.USAGE: "{other}",
            NoteCode.TYPO: "오타를 고쳤습니다: “{about}” → “{other}”",
            NoteCode.DID_YOU_MEAN: "{any}을(를) 찾으셨나요?",
            NoteCode.NOT_LEARNED: "검출기가 “{about}”{other}을(를) 배우지 않았습니다",
            NoteCode.NEAREST: "가까운 지원 대상: {any}",
            NoteCode.NEAREST_WIDER: "가까운 지원 대상: {any} (조건 없이 모두 셉니다)",
            NoteCode.KNOWN_NAMES: "비슷한 지원 대상이 없습니다. 검출기가 아는 것: {plain}",
            NoteCode.NOT_LITERAL: "따옴표 안의 말은 그대로 찾는데 “{about}”은(는) 검출기가 아는 "
            "이름이 아닙니다. 따옴표를 빼 보세요",
            NoteCode.NOT_JUDGED: "검출기가 {all}을(를) 가려내지 못합니다",
            NoteCode.SEVERAL: "한 번에 여러 대상을 적었습니다. 따로 세려면 “{commas}”, 합쳐서 "
            "세려면 “{ors}”(이)라고 적으세요",
            NoteCode.NOT_EXCLUDABLE: "“{about}”만 뺄 수는 없습니다. "
            "검출기는 이것을 “{other}”(으)로 "
            "읽습니다",
            NoteCode.NOTHING_LEFT: "“{about}”에는 셀 것이 남지 않습니다",
        }
    ),
    and_joiner=", ",
    or_joiner=" 또는 ",
    quoted="“{}”",
    more="{names} 외 {count}개",
)

NOTE_TEXTS: Mapping[Language, NoteTexts] = MappingProxyType(
    {Language.EN: ENGLISH, Language.KO: KOREAN}
)
