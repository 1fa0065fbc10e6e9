"""The exchange: receive, sequence, match, margin, commit, settle on L1."""
