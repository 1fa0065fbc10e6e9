"""The process that carries the journal's batches to L1, and writes down what L1 shows.

`batches` reads the journal, `sealing` builds what it says, `settlement` writes the settlement log, `proofs`
is the farm as the submitter sees it; `settler` is the loop.
"""
