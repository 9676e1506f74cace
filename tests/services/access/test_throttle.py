import pytest

from ovd.errors import TooManyAttemptsError
from ovd.services.access.throttle import ADDRESS_RULE, PAIR_RULE, LoginThrottle
from tests.fakes import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def throttle(clock: FixedClock) -> LoginThrottle:
    return LoginThrottle(clock)


def fail(throttle: LoginThrottle, times: int, user: str = "anna", address: str = "a") -> None:
    for _ in range(times):
        throttle.check(user, address)


def wait_of(throttle: LoginThrottle, user: str = "anna", address: str = "a") -> float:
    with pytest.raises(TooManyAttemptsError) as refused:
        throttle.check(user, address)
    return refused.value.wait_s


def test_first_failures_are_free(throttle: LoginThrottle):
    fail(throttle, PAIR_RULE.free)


def test_delay_doubles_with_every_failure(throttle: LoginThrottle, clock: FixedClock):
    fail(throttle, PAIR_RULE.free)
    first = wait_of(throttle)
    clock.advance(first)
    fail(throttle, 1)

    assert wait_of(throttle) == 2 * first


def test_delay_has_an_end(throttle: LoginThrottle, clock: FixedClock):
    for _ in range(PAIR_RULE.free + 20):
        fail(throttle, 1)
        clock.advance(PAIR_RULE.longest_s)

    fail(throttle, 1)

    assert wait_of(throttle) <= PAIR_RULE.longest_s


def test_refused_attempt_does_not_lengthen_the_delay(throttle: LoginThrottle):
    fail(throttle, PAIR_RULE.free)

    assert wait_of(throttle) == wait_of(throttle)


def test_other_user_at_the_address_is_not_delayed_yet(throttle: LoginThrottle):
    fail(throttle, PAIR_RULE.free)

    throttle.check("bo", "a")


def test_address_that_tries_many_names_is_delayed(throttle: LoginThrottle):
    for number in range(ADDRESS_RULE.free):
        fail(throttle, 1, f"user {number}")

    assert wait_of(throttle, "another") == pytest.approx(ADDRESS_RULE.first_s)


def test_many_addresses_cannot_lock_a_user_out_for_long(throttle: LoginThrottle, clock: FixedClock):
    for number in range(100):
        clock.advance(20.0)
        fail(throttle, 1, "anna", f"address {number}")

    assert wait_of(throttle, "anna", "at home") <= 20.0


def test_success_forgets_failures(throttle: LoginThrottle):
    fail(throttle, PAIR_RULE.free)
    throttle.succeed("anna", "a")

    throttle.check("anna", "a")


def test_failures_are_forgotten_after_a_while(throttle: LoginThrottle, clock: FixedClock):
    fail(throttle, PAIR_RULE.free)
    clock.advance(PAIR_RULE.forget_s + 1)

    fail(throttle, PAIR_RULE.free)
