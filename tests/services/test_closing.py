import pytest

from ovd.errors import CloseError, StoreWriteError
from ovd.services.closing import Closer


def fail(error: Exception) -> None:
    raise error


def test_parts_are_closed_in_reverse_order_and_once():
    closed: list[str] = []
    closer = Closer()
    for name in ("database", "fleet"):
        closer.add(name, lambda name=name: closed.append(name))

    closer.close()
    closer.close()

    assert closed == ["fleet", "database"]


def test_part_that_fails_keeps_no_other_open_and_is_told():
    closed: list[str] = []
    closer = Closer()
    closer.add("database", lambda: closed.append("database"))
    closer.add("fleet", lambda: fail(StoreWriteError("the disk is full")))

    with pytest.raises(StoreWriteError, match="the disk is full"):
        closer.close()

    assert closed == ["database"]


def test_every_part_that_fails_is_named():
    closer = Closer()
    closer.add("database", lambda: fail(StoreWriteError("the disk is full")))
    closer.add("fleet", lambda: fail(ZeroDivisionError("a bug")))

    with pytest.raises(CloseError, match=r"fleet: ZeroDivisionError: a bug; database: .*full"):
        closer.close()


def test_block_that_raises_closes_what_was_opened_and_keeps_its_error():
    closed: list[str] = []
    closer = Closer()
    closer.add("database", lambda: closed.append("database"))
    closer.add("fleet", lambda: fail(ZeroDivisionError("a bug")))

    with pytest.raises(KeyboardInterrupt), closer.on_error():
        raise KeyboardInterrupt

    assert closed == ["database"]


def test_block_that_ends_well_leaves_everything_open():
    closed: list[str] = []
    closer = Closer()
    closer.add("database", lambda: closed.append("database"))

    with closer.on_error():
        pass

    assert closed == []
