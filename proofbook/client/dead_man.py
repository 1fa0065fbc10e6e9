"""A switch that cancels all orders when the client is gone."""

import asyncio
import logging
from typing import Final, Self

from proofbook.client.errors import ClientError
from proofbook.client.trading import Trading

_LOG: Final = logging.getLogger(__name__)
_RENEWALS: Final = 3


class DeadManSwitch:
    """Keeps a cancel-all armed while a `with` block runs.

    Left without an error, the block disarms it; left by one, it stays armed, and the exchange cancels all
    orders when the time is over.

    Parameters
    ----------
    seconds
        How long after the last sign of life all orders are cancelled; a sign is given three times as often.

    Attributes
    ----------
    failure : ClientError or None
        Why the last sign of life did not arrive.
    """

    def __init__(self, trading: Trading, seconds: float) -> None:
        self._trading, self._seconds = trading, seconds
        self._task: asyncio.Task[None] | None = None
        self.failure: ClientError | None = None

    async def __aenter__(self) -> Self:
        await self._trading.arm_dead_man(self._seconds)
        self._task = asyncio.create_task(self._stay_alive())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self._task is not None, "the block was entered"
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if kind is None:
            await self._trading.disarm_dead_man()

    async def _stay_alive(self) -> None:
        while True:
            await asyncio.sleep(self._seconds / _RENEWALS)
            try:
                await self._trading.arm_dead_man(self._seconds)
                self.failure = None
            except ClientError as error:
                self.failure = error
                _LOG.warning("the dead-man switch is not renewed: %s", error)
