"""Mandates: which permissions somebody can be given, and how they are written. Pure."""

from collections.abc import Iterable, Sequence

from contracts.identity import Permission
from servicekit.refusals import FieldFault, InvalidFields

ALL_PERMISSIONS: tuple[Permission, ...] = ("declare", "maintain", "query", "print")


def in_order(permissions: Iterable[Permission]) -> tuple[Permission, ...]:
    """The permissions without repetition, in the order in which pages show them."""
    wanted = set(permissions)
    return tuple(permission for permission in ALL_PERMISSIONS if permission in wanted)


def check_permissions(wanted: Sequence[Permission], *, held: Iterable[Permission]) -> tuple[Permission, ...]:
    """The permissions to give, in order. `held`: those of whoever gives them.

    Raises:
        InvalidFields: none was chosen, or one that the giver doesn't have.
    """
    if not wanted:
        raise InvalidFields([FieldFault("/permissions", "permissions_missing", "请至少选择一项权限")])
    if not set(wanted) <= set(held):
        raise InvalidFields([FieldFault("/permissions", "permissions_exceeded", "不能授予您自己没有的权限")])
    return in_order(wanted)
