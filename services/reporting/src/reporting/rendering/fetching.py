"""What a document may load: the faces we pass it, and data: images. Nothing else exists for it.

WeasyPrint asks this for every address in a document. A name or an address typed by a clerk is text there (the
templates escape it), so this is the second wall; the third is that the process may not open a connection at all.
"""

import base64
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from weasyprint.urls import URLFetcher, URLFetcherResponse

SCHEME = "hall-face:"


class ForbiddenAddress(ValueError):
    """A document asked for something that is not packaged with the program."""


class PackagedOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Serves `hall-face:<name>` from memory and decodes `data:`; refuses every other address."""

    def __init__(self, faces: Callable[[str], bytes]) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False, timeout=1)
        self._faces = faces
        self.refused: list[str] = []

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The bytes behind an address.

        Raises:
            ForbiddenAddress: for any address but a packaged face or `data:`.
        """
        if url.startswith(SCHEME):
            return URLFetcherResponse(url, self._faces(url.removeprefix(SCHEME)), {"Content-Type": "font/otf"})
        if url.startswith("data:"):
            kind, _, content = url.removeprefix("data:").partition(",")
            decoded = base64.b64decode(content) if kind.endswith(";base64") else unquote_to_bytes(content)
            return URLFetcherResponse(url, decoded, {"Content-Type": kind.removesuffix(";base64")})
        self.refused.append(url)
        raise ForbiddenAddress("only packaged faces and data: may be loaded")
