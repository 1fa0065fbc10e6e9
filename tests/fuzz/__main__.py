"""`python -m tests.fuzz TARGET`: what fails is named, and its bytes stay in a file."""

import argparse
from pathlib import Path

from tests.fuzz.driver import ALL, Plan, fuzz

RUNS_UNBOUNDED = -1


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", help=f"a name, or {ALL}; an unknown one has all names told")
    parser.add_argument("--runs", type=int, default=RUNS_UNBOUNDED)
    parser.add_argument("--seconds", type=int, default=0, help="0 for no end")
    parser.add_argument("--seed", type=int, default=0, help="0 for another one each time")
    parser.add_argument("--findings", type=Path, default=Path(), help="folder for the bytes that fail")
    told = parser.parse_args()
    fuzz(told.target, Plan(told.runs, told.seconds, told.seed, told.findings))


main()
