"""Where finished files are kept: an object store behind a small port, and the seal around its contents."""

from reporting.store.files import FileStore
from reporting.store.port import ObjectMissing, ObjectStore
from reporting.store.sealed import ObjectDamaged, SealedStore

__all__ = ["FileStore", "ObjectDamaged", "ObjectMissing", "ObjectStore", "SealedStore"]
