"""Limits: nobody uses up what is another's, and whoever is refused is told when to come again."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from sequencer.model.codes import Side
from sequencer.service.errors import RateLimitedError
from sequencer.service.limits import Limiter, client_of
from sequencer.service.settings import Rate, ServiceSettings
from tests.node.venue import PRICE, Trader
from tests.service.exchange import body_of, serving


def test_a_bucket_holds_its_burst_and_fills_at_its_rate() -> None:
    limiter = Limiter(Rate(per_second=2.0, burst=4), buckets_max=10)
    assert [limiter.take("ada", 1, 0.0).remaining for _ in range(4)] == [3, 2, 1, 0]
    with pytest.raises(RateLimitedError) as refused:
        limiter.take("ada", 1, 0.0)
    assert refused.value.retry_seconds == 1
    assert limiter.take("bob", 4, 0.0).remaining == 0
    assert limiter.take("ada", 1, 0.5).remaining == 0
    assert limiter.allowance("ada", 100.0).remaining == 4


def test_a_charge_may_leave_a_debt_that_has_to_be_paid_first() -> None:
    limiter = Limiter(Rate(per_second=1.0, burst=4), buckets_max=10)
    assert limiter.charge("ada", 10, 0.0).remaining == 0
    with pytest.raises(RateLimitedError) as refused:
        limiter.require("ada", 1, 0.0)
    assert refused.value.retry_seconds == 7
    limiter.require("ada", 1, 7.0)


def test_more_than_a_bucket_holds_needs_a_full_one() -> None:
    limiter = Limiter(Rate(per_second=1.0, burst=4), buckets_max=10)
    limiter.take("ada", 9, 0.0)
    with pytest.raises(RateLimitedError):
        limiter.take("ada", 9, 8.0)
    limiter.take("ada", 9, 9.0)


def test_there_are_only_so_many_buckets() -> None:
    limiter = Limiter(Rate(per_second=1.0, burst=4), buckets_max=2)
    limiter.take("ada", 4, 0.0)
    limiter.take("bob", 4, 0.0)
    limiter.take("carol", 4, 0.0)
    with pytest.raises(RateLimitedError):
        limiter.take("carol", 1, 0.0)
    assert limiter.take("ada", 1, 0.0).remaining == 3


def test_one_network_of_ipv6_is_one_client() -> None:
    assert client_of("2001:db8::1") == client_of("2001:db8::ffff:2") != client_of("2001:db8:0:1::1")
    assert client_of("192.0.2.1") != client_of("192.0.2.2")


def test_reads_are_limited_by_address_and_answers_say_what_is_left(tmp_path: Path) -> None:
    settings = ServiceSettings(drain_seconds=2, reads=Rate(per_second=1.0, burst=5))
    with serving(tmp_path, settings) as exchange:
        answers = [exchange.http.get("/v1/status") for _ in range(5)]
        assert [answer.headers["ratelimit-remaining"] for answer in answers] == list("43210")
        assert {answer.headers["ratelimit-limit"] for answer in answers} == {"5"}
        assert answers[-1].headers["ratelimit-reset"] == "5"
        refused = exchange.http.get("/v1/status")
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limited")
        exchange.time.pass_seconds(int(refused.headers["retry-after"]))
        assert exchange.http.get("/v1/status").status_code == 200


@pytest.mark.parametrize("proxies", [("127.0.0.1",), ("127.0.0.9",)])
def test_only_a_trusted_proxy_is_believed_whom_it_speaks_for(
    tmp_path: Path, proxies: tuple[str, ...]
) -> None:
    settings = ServiceSettings(drain_seconds=2, reads=Rate(0.001, 3), trusted_proxies=proxies)
    with serving(tmp_path, settings) as exchange:
        behind = [{"x-forwarded-for": f"192.0.2.{client}"} for client in (1, 2)]
        with exchange.stream(additional_headers=behind[0]) as stream:
            stream.ask("ping")
        answers = [exchange.http.get("/v1/time", headers=headers) for headers in behind]
    left = [answer.headers["ratelimit-remaining"] for answer in answers]
    assert left == (["1", "2"] if "127.0.0.1" in proxies else ["1", "0"])


def test_an_account_has_its_own_limit_and_a_batch_is_refused_as_a_whole(tmp_path: Path) -> None:
    settings = ServiceSettings(drain_seconds=2, account_messages=Rate(per_second=1.0, burst=5))
    ada, bob = Trader(1), Trader(2)
    with serving(tmp_path, settings) as exchange:
        answer = exchange.post(ada.order(Side.SELL, 10, PRICE + 1))
        assert (answer.headers["ratelimit-limit"], answer.headers["ratelimit-remaining"]) == ("5", "4")
        messages = [body_of(ada.order(Side.SELL, 10, PRICE + 1)) for _ in range(5)]
        refused = exchange.http.post("/v1/orders/batch", json={"messages": messages})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert len(exchange.get("account/orders", exchange.token(1))["items"]) == 1
        assert exchange.post(bob.order(Side.BUY, 10, PRICE - 9)).status_code == 200
        exchange.time.pass_seconds(1)
        assert exchange.http.post("/v1/orders/batch", json={"messages": messages}).status_code == 200


def test_what_an_account_has_not_signed_does_not_use_up_its_limit(tmp_path: Path) -> None:
    settings = ServiceSettings(drain_seconds=2, account_messages=Rate(per_second=0.001, burst=3))
    ada = Trader(1)
    with serving(tmp_path, settings) as exchange:
        first = ada.order(Side.SELL, 10)
        exchange.send(first)
        for _ in range(5):
            forged = replace(ada.order(Side.SELL, 10), signature=(1, 2, 3))
            assert exchange.post(forged).json()["error"]["code"] == "bad_signature"
            assert exchange.send(first)["repeated"]
        exchange.send(ada.order(Side.SELL, 10))
        exchange.send(ada.order(Side.SELL, 10))
        assert exchange.post(ada.order(Side.SELL, 10)).status_code == 429


def test_messages_of_an_address_are_limited_before_any_is_verified(tmp_path: Path) -> None:
    settings = ServiceSettings(drain_seconds=2, address_messages=Rate(per_second=0.001, burst=6))
    with serving(tmp_path, settings) as exchange:
        order = body_of(Trader(1).order(Side.SELL, 10))
        for _ in range(6):
            assert exchange.http.post("/v1/orders", json={}).status_code == 400
        assert exchange.http.post("/v1/orders", json=order).status_code == 429
