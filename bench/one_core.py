"""Verifies the signatures of standard input on one thread: prints the processor seconds of both ways."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from sequencer.crypto import PublicKey, Signature, verify, verify_many

WARM_UP: Final = 20


def main() -> None:
    signed = [_read(each) for each in json.load(sys.stdin)]
    ways: dict[str, Callable[[], list[bool]]] = {
        "one call each": lambda: [verify(*each) for each in signed],
        "at once": lambda: verify_many(signed),
    }
    accepted = all(verify_many(signed[:WARM_UP]))
    seconds = {}
    for name, way in ways.items():
        begin = time.process_time()
        accepted &= all(way())
        seconds[name] = time.process_time() - begin
    print(json.dumps({"seconds": seconds, "accepted": accepted}))


def _read(each: Mapping[str, Any]) -> tuple[PublicKey, int, Signature]:
    key, signature = PublicKey(*map(int, each["key"])), Signature(*map(int, each["signature"]))
    return key, int(each["message"]), signature


if __name__ == "__main__":
    main()
