"""Frames that are made once for many: any client's library takes them for what was said."""

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from sequencer.service.frames import text_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_frame_says_its_text_whatever_its_length(size: int) -> None:
    text = ("é" * size).encode()[:size]
    client = ClientProtocol(parse_uri("ws://exchange/v1/stream"), state=State.OPEN, max_size=None)
    client.receive_data(text_frame(text) + text_frame(b"the next"))
    first, second = client.events_received()
    assert first == Frame(Opcode.TEXT, text)
    assert second == Frame(Opcode.TEXT, b"the next")
    assert client.parser_exc is None
