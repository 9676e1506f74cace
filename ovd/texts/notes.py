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
            NoteCode.LISTED: "“{about}”은(는) 따로 세는 {other}개로 읽었습니다",
            NoteCode.NOT_EXCLUDABLE: "“{about}”만 뺄 수는 없습니다. "
            "검출기는 이것을 “{other}”(으)로 "
            "읽습니다",
            NoteCode.NOTHING_LEFT: "“{about}”에는 셀 것이 남지 않습니다",
            NoteCode.WORDS_ONLY: "검출기가 “{about}”을(를) 배운 적이 없어 말로만 찾습니다. "
            "따로 정한 기준을 쓰며 많이 놓칠 수 있습니다. 예시 상자 몇 개로 가르칠 수 있습니다",
            NoteCode.PHRASE: '"{about}": 쓰인 그대로 모델에 묻습니다',
            NoteCode.VERIFIED: '"{other}"(으)로 찾은 뒤, "{about}"인지 {plain} 모델이 하나씩 '
            "판정합니다",
            NoteCode.TEACHABLE: "예시 상자 몇 개로 가르칠 수 있습니다(ovd teach). 따옴표 안에 쓰면 "
            "말로만 찾습니다",
            NoteCode.TAUGHT: "“{about}”은(는) 예시로 배운 대로 찾습니다(버전 {other})",
            NoteCode.CROWD: "무리를 셉니다: 서로 가까이 있는 {about} {other}명 이상이 하나입니다",
            NoteCode.ALERT_ABOVE: "{about}은(는) 모두 셉니다. {other}보다 많을 때 알림을 "
            '받으려면 알림 규칙을 만드세요: when = "above", count '
            "= {other}",
            NoteCode.ALERT_BELOW: "{about}은(는) 모두 셉니다. {other}보다 적을 때 알림을 "
            '받으려면 알림 규칙을 만드세요: when = "below", count '
            "= {other}",
            NoteCode.AT_LEAST: "{about}이(가) {other} 이상 보이는 화면에서만 셉니다",
            NoteCode.NEGATED_STATE: "“{about}”은(는) 판정할 수 없습니다. 어떤 상태인지만 알 수 "
            "있고, 그 상태가 아닌지는 알 수 없습니다",
            NoteCode.DURATION_WITHOUT_STATE: "시간을 적으려면 “누워 있는”, “가만히 "
            "서 있는” 같은 상태가 "
            "필요합니다. “{about}”에는 없습니다",
            NoteCode.STATE_OF_OTHERS: "“{other}”의 상태 “{about}”은(는) 판정할 수 없습니다",
            NoteCode.PLACE_NOT_JUDGED: "장소 “{about}”은(는) 판정하지 않습니다. "
            "한 곳만 세려면 구역을 "
            "그리세요",
            NoteCode.RELATION: "{other}과(와) 함께 보이는 {about}을(를) 셉니다. 여러 "
            "프레임의 위치와 크기로 판정합니다",
            NoteCode.RELATION_NEGATED: "여러 프레임에서 {other}이(가) 없는 것이 분명한 {about}만 "
            "셉니다. 너무 작거나 잘렸거나 확실하지 않으면 알 수 없음으로 두고 세지 "
            "않습니다",
            NoteCode.RELATION_NOT_JUDGED: "“{about}”과(와) “{other}”의 관계는 판정할 수 없습니다. "
            "판정할 수 있는 것: {plain}",
            NoteCode.STATE_LYING: "모양과 멈춤으로 보아 {about}초 동안 누워 있는 사람을 셉니다. "
            "이미지 한 장으로는 알 수 없습니다",
            NoteCode.STATE_SITTING: "모양과 멈춤으로 보아 {about}초 동안 앉아 있는 사람을 셉니다. "
            "이미지 한 장으로는 알 수 없습니다",
            NoteCode.STATE_RUNNING: "키에 비해 {about}초 동안 빨리 "
            "움직이는 사람을 셉니다. 이미지 한 "
            "장으로는 알 수 없습니다",
            NoteCode.STATE_STILL: "{about}초 동안 한곳에 멈춰 있는 것을 셉니다. 이미지 한 장으로는 "
            "알 수 없습니다",
            NoteCode.STATE_LOITERING: "{about}초 동안 몇 걸음 안에 머무는 사람을 셉니다. 이미지 한 "
            "장으로는 알 수 없습니다",
            NoteCode.STATE_STOPPED: "{about}초 동안 움직이지 않는 것을 "
            "셉니다. 이미지 한 장으로는 알 "
            "수 없습니다",
            NoteCode.STATE_ABANDONED: "가까이에 사람 없이 {about}초 동안 "
            "놓여 있는 것을 셉니다. 이미지 "
            "한 장으로는 알 수 없습니다",
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
