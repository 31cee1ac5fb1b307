"""A stand-in for the identity providers, for the demo and the tests: synthetic people, real protocols.

It speaks both flows of 浙江政务服务网 and OpenID Connect, checks every signature, and its tickets are good once and
briefly. It lives in this package, which no image of a service contains; its secrets say `demo`, which the production
profile refuses, as it refuses addresses without https or on this machine.
"""

from standalone.standin.provider import StandIn, provider_settings

__all__ = ["StandIn", "provider_settings"]
