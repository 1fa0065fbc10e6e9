"""`python -m sequencer.cli` is `proofbook`."""

from sequencer.cli.main import main

main()
