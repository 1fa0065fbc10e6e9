"""The node over HTTP and WebSocket (docs/spec/api.md)."""
