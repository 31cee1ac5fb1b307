"""Names of exchanges and queues. A namespace in front lets several halls share one broker (tests do)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one namespace."""

    namespace: str = ""

    def _named(self, name: str) -> str:
        return f"{self.namespace}.{name}" if self.namespace else name

    @property
    def events(self) -> str:
        """The topic exchange that everything is announced on; routing keys are wire names."""
        return self._named("hall.events")

    def own_exchange(self, service: str) -> str:
        """A service's direct exchange for its own retries and parking.

        Not the default exchange: with that, every service could write into every queue.
        """
        return self._named(f"{service}.direct")

    def queue(self, queue: str) -> str:
        """A work queue."""
        return self._named(queue)

    def retry(self, queue: str, tier: int) -> str:
        """The TTL queue of a retry tier; `tier` counts from 0, its name from 1."""
        return self._named(f"{queue}.retry.{tier + 1}")

    def parked(self, queue: str) -> str:
        """The parking queue of a work queue."""
        return self._named(f"{queue}.parked")

    def broadcast(self, process: str, unique: str) -> str:
        """A process's own queue for broadcasts."""
        return self._named(f"{process}.broadcast.{unique}")
