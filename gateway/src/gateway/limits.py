"""How much one client, and all together, may have under way at once; how large a body may be."""

from collections.abc import Hashable


class Admission:
    """Counts requests under way, in total and for each client (a session, an API key or an address)."""

    def __init__(self, *, per_client: int, total: int) -> None:
        self._per_client = per_client
        self._total = total
        self._clients: dict[Hashable, int] = {}
        self.under_way = 0

    def enter(self, client: Hashable) -> str | None:
        """Count a request in; returns the code of the refusal instead when there is no room."""
        if self.under_way >= self._total:
            return "overloaded"
        mine = self._clients.get(client, 0)
        if mine >= self._per_client:
            return "too_many_requests"
        self._clients[client] = mine + 1
        self.under_way += 1
        return None

    def leave(self, client: Hashable) -> None:
        """Count an admitted request out."""
        self.under_way -= 1
        mine = self._clients[client] - 1
        if mine:
            self._clients[client] = mine
        else:
            del self._clients[client]
