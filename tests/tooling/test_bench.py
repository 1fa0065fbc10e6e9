"""The figures that are published are those that were measured."""

import json
from dataclasses import asdict

from bench.report import PAGE_FILE, page
from bench.results import JSON_FILE, Results, read_results


def test_the_page_shows_the_figures_of_the_file() -> None:
    assert page(Results(**read_results())) == PAGE_FILE.read_text()


def test_what_is_kept_of_the_file_is_written_as_it_was() -> None:
    assert json.dumps(asdict(Results(**read_results())), indent=2) + "\n" == JSON_FILE.read_text()


def test_the_same_batch_costs_the_same_with_the_verifier_and_with_its_gas() -> None:
    results = Results(**read_results())
    smallest = next(case for case in results.scaling if case.trades == results.chain.trades)
    assert (smallest.words, smallest.calldata_bytes) == (results.chain.words, results.chain.calldata_bytes)
    assert abs(smallest.gas - results.chain.gas) < results.chain.gas // 1_000
