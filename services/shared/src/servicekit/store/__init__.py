"""Where files are kept: an object store behind a small port, and the seal around its contents."""

from servicekit.store.files import FileStore
from servicekit.store.port import ObjectMissing, ObjectStore
from servicekit.store.sealed import ObjectDamaged, SealedStore
from servicekit.store.sweeping import sweep

__all__ = ["FileStore", "ObjectDamaged", "ObjectMissing", "ObjectStore", "SealedStore", "sweep"]
