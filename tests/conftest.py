"""Settings of every test: how Hypothesis searches."""

import os

from hypothesis import HealthCheck, settings

# Examples are never timed: on a busy machine a slow example says nothing about the exchange.
settings.register_profile(
    "dev", deadline=None, derandomize=False, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("dev"), database=None)
settings.register_profile("thorough", settings.get_profile("dev"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))
