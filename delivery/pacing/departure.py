"""The line that a call crosses when it leaves.

Before the line everything is certain: nothing of the call has left. After it nothing is: it may
have arrived. So whatever can fail or wait comes before it: the store, the message, the token, the
connection, the permit. Right at the line it is asked whether the call may still leave.
"""

from __future__ import annotations

from collections.abc import Callable

from delivery.pacing.pacer import Pacer


class HeldBack(Exception):
    """Raised at the line: the call must not leave. Nothing of it has left."""


class ChatFull(Exception):
    """Raised at the line: Teams allows no more calls in this chat now. Nothing of it has left."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no room in the chat for {seconds:.1f} s")
        self.seconds = seconds
        """The time until there is room."""


class Departure:
    """The departure of one call: its turn in the tenant's rate, and the line.

    :param urgent: True when somebody is waiting for the call.
    :param may_leave: asked at the line; False holds the call back.
    """

    __slots__ = (
        "_left_at",
        "_may_leave",
        "_pacer",
        "_tenant_id",
        "_urgent",
        "conversation_id",
        "left",
    )

    def __init__(
        self,
        pacer: Pacer,
        tenant_id: str,
        *,
        urgent: bool = False,
        may_leave: Callable[[], bool] | None = None,
    ) -> None:
        self._pacer = pacer
        self._tenant_id = tenant_id
        self._urgent = urgent
        self._may_leave = may_leave
        self.conversation_id = ""
        """The chat whose limits the call has to keep as well; empty: none."""
        self._left_at = 0.0
        self.left = False
        """True from the line on: the call may have arrived. It never becomes False again."""

    def before(self) -> Departure:
        """Returns the departure of another call, which has to be made before this one."""
        return Departure(
            self._pacer, self._tenant_id, urgent=self._urgent, may_leave=self._may_leave
        )

    async def reach(self) -> None:
        """Waits for the call's turn. When this returns, the call has to leave at once.

        Raises HeldBack or ChatFull when it must not leave, also while it waits.
        """
        self._left_at = await self._pacer.depart(
            self._tenant_id, urgent=self._urgent, ask=self._ask
        )

    def cross(self) -> None:
        """Notes that the call leaves now."""
        self.left = True
        if self.conversation_id:
            self._pacer.used(self.conversation_id)

    def answered(self, *, throttled: bool) -> None:
        """Tells the pacer of the answer; without effect when the call has not left."""
        if self.left:
            self._pacer.answered(
                self._tenant_id,
                throttled,
                conversation_id=self.conversation_id,
                departed=self._left_at,
            )

    def _ask(self) -> None:
        if self._may_leave is not None and not self._may_leave():
            raise HeldBack
        if self.conversation_id:
            seconds = self._pacer.room_in(self.conversation_id)
            if seconds > 0:
                raise ChatFull(seconds)
