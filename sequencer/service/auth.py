"""Who reads: a challenge, its signature by the account's key, and the token that follows from it."""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from sequencer.crypto import verify
from sequencer.model import constants as c
from sequencer.model.account import Account
from sequencer.service import errors
from sequencer.service.settings import ServiceSettings
from sequencer.service.wire.challenge import challenge_hash

_TOKEN_BYTES: Final = 32
_NONCE_BITS: Final = 64
_EXPIRY_BITS: Final = 48
_MAC_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Session:
    """What a token stands for."""

    account: int
    key_epoch: int
    expires_ms: int


class Authority:
    """Gives challenges and tokens; all of them end with the process.

    A challenge names its own end under a secret of the server, so that asking for challenges uses up nothing;
    those that were answered are kept until they expire, and tokens by their hashes.
    """

    def __init__(self, domain: int, settings: ServiceSettings) -> None:
        self._domain, self._settings = domain, settings
        self._secret = secrets.token_bytes(_TOKEN_BYTES)
        self._used: OrderedDict[int, int] = OrderedDict()
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self._of_account: dict[int, list[bytes]] = {}

    def challenge(self, account: int, now_ms: int) -> tuple[int, int]:
        """Return a challenge for an account, and until when it may be answered."""
        expires_ms = now_ms + self._settings.challenge_ms
        claim = expires_ms << _NONCE_BITS | secrets.randbits(_NONCE_BITS)
        return claim << 8 * _MAC_BYTES | self._mac(account, claim), expires_ms

    def token(
        self,
        account_id: int,
        account: Account,
        challenge: int,
        signature: tuple[int, int, int],
        now_ms: int,
    ) -> tuple[str, int]:
        """Return a token for who signed the challenge, and until when it is good.

        Raises
        ------
        ServiceError
            Its subclass names the cause; a challenge that got no token may be answered again.
        """
        expires_ms = self._check_challenge(account_id, challenge, now_ms)
        hashed = challenge_hash(self._domain, account_id, challenge)
        if account.key_epoch == 0 or not verify(account.key, hashed, signature):
            raise errors.ChallengeSignatureError(f"account {account_id} has not signed this challenge")
        self._forget(now_ms)
        if len(self._used) >= self._settings.tokens_max or len(self._sessions) >= self._settings.tokens_max:
            raise errors.TooManyTokensError(f"{self._settings.tokens_max} are kept")
        self._used[challenge] = expires_ms
        return self._open(Session(account_id, account.key_epoch, now_ms + self._settings.token_ms))

    def session(self, token: str, now_ms: int) -> Session:
        """Return what a token stands for; the caller compares the key epoch with the account's.

        Raises
        ------
        TokenInvalidError, TokenExpiredError
        """
        session = self._sessions.get(_hashed(token))
        if session is None:
            raise errors.TokenInvalidError("the token is not known")
        if session.expires_ms <= now_ms:
            raise errors.TokenExpiredError(f"the token expired at {session.expires_ms}")
        return session

    def _check_challenge(self, account_id: int, challenge: int, now_ms: int) -> int:
        claim, mac = challenge >> 8 * _MAC_BYTES, challenge & (1 << 8 * _MAC_BYTES) - 1
        expires_ms = claim >> _NONCE_BITS
        size = _MAC_BYTES
        is_ours = expires_ms < 1 << _EXPIRY_BITS and hmac.compare_digest(
            mac.to_bytes(size, "big"), self._mac(account_id, claim).to_bytes(size, "big")
        )
        if not is_ours:
            raise errors.ChallengeInvalidError(f"account {account_id} was not given this challenge")
        if expires_ms <= now_ms:
            raise errors.ChallengeExpiredError(f"the challenge expired at {expires_ms}")
        if challenge in self._used:
            raise errors.ChallengeUsedError("a token was given for this challenge")
        return expires_ms

    def _open(self, session: Session) -> tuple[str, int]:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        hashed = _hashed(token)
        mine = self._of_account.setdefault(session.account, [])
        if len(mine) >= self._settings.tokens_per_account:
            self._end(mine[0])
        self._of_account.setdefault(session.account, []).append(hashed)
        self._sessions[hashed] = session
        return token, session.expires_ms

    def _end(self, hashed: bytes) -> None:
        session = self._sessions.pop(hashed)
        mine = self._of_account[session.account]
        mine.remove(hashed)
        if not mine:
            del self._of_account[session.account]

    def _forget(self, now_ms: int) -> None:
        """Drop what has expired; everything was opened in the order in which it expires."""
        while self._used and next(iter(self._used.values())) <= now_ms:
            self._used.popitem(last=False)
        while self._sessions:
            hashed, session = next(iter(self._sessions.items()))
            if session.expires_ms > now_ms:
                break
            self._end(hashed)

    def _mac(self, account: int, claim: int) -> int:
        width = (c.ACCOUNT_BITS + _EXPIRY_BITS + _NONCE_BITS + 7) // 8
        message = (claim << c.ACCOUNT_BITS | account).to_bytes(width, "big")
        return int.from_bytes(hmac.digest(self._secret, message, hashlib.sha256)[:_MAC_BYTES], "big")


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
