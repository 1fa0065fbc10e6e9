"""An append-only log on disk: one writer, group commit, readers that never lock."""
