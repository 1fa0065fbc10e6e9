"""The claims table of `docs/spec/soundness.md`, kept true: every template and test that it names exists.

The document has one table a claim, with the columns rule, enforced by, why that is enough, fails without it.
The second column names templates, the last one tests (`folder/test_file.py::test_name`, below `tests/`) and
attacks (`attack: name`) of the catalogue. Every template of ours stands in some row.
"""
