"""The sequencer's process: it receives, sequences, matches, journals and acknowledges."""
