"""Pages of lists: `?page=&page_size=` in, `{"items": [...], "total": n}` out.

A list that can be long is a `LongListing`: counted up to a bound only, and `next` leads from page to page by key, at
the same cost however deep.
"""

from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field

MAX_PAGE_SIZE = 200
# Behind this the offset itself costs more than any clerk's patience: narrow the search instead.
MAX_PAGE = 100_000
_DEFAULT_PAGE_SIZE = 20
COUNTED = 10_000
"""How far a long list is counted."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class PageOf:
    """Which page of a list is wanted. The first one is 1."""

    page: int = 1
    page_size: int = _DEFAULT_PAGE_SIZE

    @property
    def offset(self) -> int:
        """How many items come before this page."""
        return (self.page - 1) * self.page_size

    @property
    def limit(self) -> int:
        """At most so many items."""
        return self.page_size


class PageFields(BaseModel):
    """The same two for searches that come in a POST body: mix it into the form."""

    page: int = Field(default=1, ge=1, le=MAX_PAGE)
    page_size: int = Field(default=_DEFAULT_PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE)

    @property
    def offset(self) -> int:
        """How many items come before this page."""
        return (self.page - 1) * self.page_size

    @property
    def limit(self) -> int:
        """At most so many items."""
        return self.page_size


async def _page(
    page: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1,
    page_size: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = _DEFAULT_PAGE_SIZE,
) -> PageOf:
    return PageOf(page, page_size)


Page = Annotated[PageOf, Depends(_page)]
"""The page the query asks for."""


class Listing(BaseModel, Generic[Item]):
    """A page of a list, and how many there are in all."""

    items: list[Item]
    total: int


class LongListing(BaseModel, Generic[Item]):
    """A page of a list that may be too long to be counted, and where the next one begins."""

    items: list[Item]
    total: int | None = Field(description=f"条数，至多数到 {COUNTED}；按 after 翻页时不再计数，为空")
    more_than_total: bool | None = Field(description="实际条数是否多于 total")
    next: str | None = Field(description="下一页的 after；没有下一页时为空")
