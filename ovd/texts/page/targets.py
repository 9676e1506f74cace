"""Words of the targets of alerts, and of messages that did not reach them, by language."""

from dataclasses import dataclass

from ovd.texts.languages import Language


@dataclass(frozen=True)
class TargetTexts:
    """Every text about targets on the page; `{...}` is filled in."""

    title: str
    intro: str
    none: str
    add: str
    test: str
    test_of: str
    tested: str
    remove: str
    remove_of: str
    remove_sure: str
    fixed: str
    signed: str
    problem: str
    waiting: str
    every_alert: str
    language_en: str
    language_ko: str
    per_minute_is: str
    quiet_is: str
    digest_is: str
    undelivered: str
    undelivered_note: str
    resend: str
    resend_of: str
    resend_all: str
    resent: str
    drop: str
    drop_of: str
    drop_all: str
    drop_sure: str
    type_new: str
    type_update: str
    type_end: str
    machine: str
    more_undelivered: str
    window: str
    name: str
    kind: str
    kind_webhook: str
    kind_mail: str
    kind_service: str
    address_webhook: str
    address_mail: str
    address_service: str
    hint_webhook: str
    hint_mail: str
    hint_service: str
    key: str
    key_hint: str
    language: str
    more: str
    per_minute: str
    per_minute_hint: str
    quiet: str
    quiet_hint: str
    tz: str
    digest: str
    digest_hint: str
    save: str
    cancel: str
    close: str
    working: str
    failed: str
    days: str
    error_status: str
    error_away: str
    error_silent: str
    error_refused: str
    error_moved: str


ENGLISH = TargetTexts(
    title="Targets",
    intro="Where alerts are sent to. Addresses and secrets are encrypted, and never shown again.",
    none="No target yet: alerts are shown here and kept in the log.",
    add="Add target",
    test="Test",
    test_of="Send a test message to {name}",
    tested="{name} took the test message.",
    remove="Remove",
    remove_of="Remove target {name}",
    remove_sure="Remove the target {name}? Messages that wait for it are given up.",
    fixed="set in ovd.toml",
    signed="signed",
    problem="Sending fails: {error}",
    waiting="{count} messages wait to be sent.",
    every_alert="gets every alert",
    language_en="English",
    language_ko="Korean",
    per_minute_is="{count} a minute at most",
    quiet_is="quiet {hours}",
    digest_is="gathered for {time} s",
    undelivered="Undelivered",
    undelivered_note="These messages were given up. They can be sent again once the target works.",
    resend="Send again",
    resend_of="Send the message of {rule} to {target} again",
    resend_all="Send all again",
    resent="{count} messages are on their way again.",
    drop="Drop",
    drop_of="Drop the message of {rule} to {target}",
    drop_all="Drop all",
    drop_sure="Drop {count} messages? They stay in the log, and are not sent any more.",
    type_new="began",
    type_update="changed",
    type_end="ended",
    machine="this machine",
    more_undelivered="and {count} more",
    window="New target",
    name="Name",
    kind="Kind",
    kind_webhook="Webhook, Slack, Discord or Teams",
    kind_mail="E-mail",
    kind_service="Another service (apprise)",
    address_webhook="Address",
    address_mail="E-mail address",
    address_service="Address of the service",
    hint_webhook="https://… Addresses of Slack, Discord and Teams get the form that these want.",
    hint_mail="Needs a mail server in ovd.toml.",
    hint_service="Such as tgram://BOT_TOKEN/CHAT_ID or ntfy://TOPIC.",
    key="Secret",
    key_hint="Signs messages, so that the receiver can check them. Empty: not signed.",
    language="Language of messages",
    more="More",
    per_minute="Messages a minute at most",
    per_minute_hint="Empty: no limit.",
    quiet="Quiet hours",
    quiet_hint="Messages wait until they end. Such as daily 22:00-07:00; several with ;",
    tz="Time zone",
    digest="Gather messages for seconds",
    digest_hint="0: each on its own.",
    save="Add",
    cancel="Cancel",
    close="Close",
    working="One moment\u2026",
    failed="The server does not answer. Try again in a moment.",
    days="daily Mon Tue Wed Thu Fri Sat Sun",
    error_status="{address} answered with status {value}",
    error_away="{address} cannot be reached",
    error_silent="{address} did not answer in {value} s",
    error_refused="{address} did not take the message",
    error_moved="{address} redirects to another address; give that one",
)

KOREAN = TargetTexts(
    title="알릴 곳",
    intro="알림을 보내는 곳입니다. 주소와 비밀 키는 암호화해 두고 다시 보여 주지 않습니다.",
    none="아직 알릴 곳이 없습니다. 알림은 여기에 보이고 기록에 남습니다.",
    add="알릴 곳 추가",
    test="시험",
    test_of="{name}에 시험 메시지 보내기",
    tested="시험 메시지가 {name}에 도착했습니다.",
    remove="삭제",
    remove_of="알릴 곳 {name} 삭제",
    remove_sure="알릴 곳 {name} 항목을 삭제할까요? 기다리던 메시지는 보내지 않습니다.",
    fixed="ovd.toml에서 설정",
    signed="서명함",
    problem="전송 실패: {error}",
    waiting="메시지 {count}개가 전송을 기다립니다.",
    every_alert="모든 알림을 받음",
    language_en="영어",
    language_ko="한국어",
    per_minute_is="1분에 최대 {count}개",
    quiet_is="방해 금지 {hours}",
    digest_is="{time}초 동안 모아서",
    undelivered="전달되지 않음",
    undelivered_note="전송을 포기한 메시지입니다. 받는 곳이 다시 작동하면 다시 보낼 수 있습니다.",
    resend="다시 보내기",
    resend_of="{rule} 메시지를 {target}에 다시 보내기",
    resend_all="모두 다시 보내기",
    resent="메시지 {count}개를 다시 보냅니다.",
    drop="버리기",
    drop_of="{target}에 보낼 {rule} 메시지 버리기",
    drop_all="모두 버리기",
    drop_sure="메시지 {count}개를 버릴까요? 기록에는 남고 더 보내지 않습니다.",
    type_new="시작",
    type_update="변경",
    type_end="끝",
    machine="이 컴퓨터",
    more_undelivered="그 밖에 {count}개",
    window="새로 알릴 곳",
    name="이름",
    kind="종류",
    kind_webhook="웹훅, Slack, Discord, Teams",
    kind_mail="이메일",
    kind_service="다른 서비스(apprise)",
    address_webhook="주소",
    address_mail="이메일 주소",
    address_service="서비스 주소",
    hint_webhook="https://… Slack, Discord, Teams 주소에는 그 형식으로 보냅니다.",
    hint_mail="ovd.toml에 메일 서버가 있어야 합니다.",
    hint_service="예: tgram://BOT_TOKEN/CHAT_ID, ntfy://TOPIC",
    key="비밀 키",
    key_hint="메시지에 서명해 받는 쪽에서 확인할 수 있습니다. 비우면 서명하지 않습니다.",
    language="메시지 언어",
    more="더 보기",
    per_minute="1분에 최대 메시지 수",
    per_minute_hint="비우면 제한이 없습니다.",
    quiet="방해 금지 시간",
    quiet_hint="끝날 때까지 메시지가 기다립니다. 예: 매일 22:00-07:00 (여러 개는 ;로 구분)",
    tz="시간대 지역",
    digest="메시지를 모으는 시간(초)",
    digest_hint="0이면 하나씩 보냅니다.",
    save="추가",
    cancel="취소",
    close="닫기",
    working="잠시만요\u2026",
    failed="서버가 응답하지 않습니다. 잠시 뒤 다시 시도하세요.",
    days="매일 월 화 수 목 금 토 일",
    error_status="{address} 주소가 상태 코드 {value}을(를) 돌려주었습니다",
    error_away="{address} 주소에 연결할 수 없습니다",
    error_silent="{address} 주소가 {value}초 동안 응답하지 않았습니다",
    error_refused="{address} 쪽에서 메시지를 받지 않았습니다",
    error_moved="{address} 주소가 다른 주소로 넘깁니다. 그 주소를 쓰세요",
)

TARGET_TEXTS = {Language.EN: ENGLISH, Language.KO: KOREAN}


def target_texts(language: Language) -> TargetTexts:
    """Return the words of one language."""
    return TARGET_TEXTS[language]
