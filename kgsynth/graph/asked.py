"""What a caller hands over: numbers, one or several, and how to call what was not meant."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any, TypeVar, overload

T = TypeVar("T")


def whole(value: object) -> int | None:
    """Return a whole number as Python's own, or None where it is none; True and False are none.

    >>> import numpy
    >>> whole(numpy.int32(7)), whole(7.0), whole(True)
    (7, None, None)
    """
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


@overload
def several(one_or_more: str | Iterable[str]) -> list[str]: ...
@overload
def several(one_or_more: T | Iterable[T]) -> list[T]: ...
def several(one_or_more: object) -> list[Any]:
    """Return what was asked as a list; a text is one thing, not its letters.

    >>> several("treats"), several(("treats", "causes")), several(5)
    (['treats'], ['treats', 'causes'], [5])
    """
    if isinstance(one_or_more, Iterable) and not isinstance(one_or_more, str | bytes):
        return list(one_or_more)
    return [one_or_more]


def kind(value: object) -> str:
    """Say what sort of thing a value is.

    >>> kind(None), kind([]), kind(5), kind(b"x")
    ('None', 'a list', 'an int', 'bytes')
    """
    name = type(value).__name__
    if value is None or isinstance(value, bytes):
        return "bytes" if isinstance(value, bytes) else "None"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def out_of_range(what: str, number: int, held: int) -> str:
    """Say that a number is none of those there are.

    >>> out_of_range("statement", 7, 3)
    'The graph has no statement 7: its 3 statements are numbered from 0 to 2.'
    """
    if held == 1:
        return f"The graph has no {what} {number}: its one {what} has the number 0."
    return (
        f"The graph has no {what} {number}: its {held} {what}s are numbered from 0 to {held - 1}."
    )
