"""Load on the service: traders whose messages were signed before the clock began, over real sockets."""
