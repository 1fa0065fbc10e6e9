"""From events to a batch: the one place that knows the circuit's shape (docs/spec/batch.md)."""
