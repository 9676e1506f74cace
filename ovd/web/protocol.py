"""HTTP/1.1 for the server: a client that does not finish the head of a request is sent away."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 20.0


class PatientProtocol(H11Protocol):
    """uvicorn's protocol with a limit on the time that the head of a request may take.

    Without one, a client that sends a byte now and then holds a connection for ever.
    """

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        self._stop_waiting()
        self._await_head()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over, and wait for no more requests on it."""
        self._stop_waiting()
        super().handle_websocket_upgrade(event)

    def _await_head(self) -> None:
        known = self.cycle
        self._head_timer = self.loop.call_later(HEAD_S, self._give_up, known)

    def _give_up(self, known: object) -> None:
        if self.cycle is known and not self.transport.is_closing():
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
