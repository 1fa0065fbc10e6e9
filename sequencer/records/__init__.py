"""What the journal and the settlement log say (docs/spec/journal.md)."""
