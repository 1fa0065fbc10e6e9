"""The figures of the exchange on this machine: `python -m bench`."""
