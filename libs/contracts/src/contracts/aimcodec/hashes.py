"""The signed 64-bit hashes by which Aim names contexts and orders steps.

Each is a BLAKE2b digest of 8 bytes, read as little-endian, with a salt of its own for every kind of value. Writes never
need them; answers to the Aim SDK do.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from contracts.aimcodec.errors import UnsupportedValue
from contracts.aimcodec.values import integer_as_float, text_to_utf8

_DIGEST_BYTES: Final = 8
_NULL_HASH: Final = 1393794177995070132


def _salted(salt: int) -> Any:
    return hashlib.blake2b(digest_size=_DIGEST_BYTES, salt=_integer_bytes(salt))


def _integer_bytes(number: int) -> bytes:
    return number.to_bytes(8, "little", signed=True)


_NUMBER: Final = _salted(-7494597716789683807)
_TEXT: Final = _salted(7540324813251503183)
_BYTES: Final = _salted(-6836296829636613855)
_ARRAY: Final = _salted(2965039128708897743)
_OBJECT: Final = _salted(-2435585119574290752)


def _digest(start: Any, content: bytes) -> int:
    digest = start.copy()
    digest.update(content)
    return int.from_bytes(digest.digest(), "little", signed=True)


def hash_number(number: float) -> int:
    """Hash of a number: ints and floats of equal value are equal, so step 1, 1.0 and True hash alike.

    The content is what CPython answers for the hash of the double (NaN counts as 0 here; CPython's is an address),
    except that -1 stays -1.
    """
    double = integer_as_float(number) if isinstance(number, int) else number
    if double == -1:
        return _digest(_NUMBER, _integer_bytes(-1))
    return _digest(_NUMBER, _integer_bytes(0 if double != double else hash(double)))


def hash_text(text: str) -> int:
    return _digest(_TEXT, text_to_utf8(text))


def hash_bytes(data: bytes) -> int:
    return _digest(_BYTES, data)


def hash_array(elements: Iterable[object]) -> int:
    return _digest(_ARRAY, b"".join(_integer_bytes(hash_value(element)) for element in elements))


def hash_object(members: Mapping[Any, object]) -> int:
    """Hash of an object whatever the order of its keys; the hash of a context dict is Aim's context id."""
    entries = sorted(members.items(), key=lambda entry: hash_value(entry[0]))
    return _digest(_OBJECT, b"".join(_integer_bytes(hash_array(entry)) for entry in entries))


def hash_value(value: object) -> int:
    """Hash of a scalar, list, tuple or mapping. Raises UnsupportedValue for anything else."""
    if value is None:
        return _NULL_HASH
    if isinstance(value, int | float):
        return hash_number(value)
    if isinstance(value, str):
        return hash_text(value)
    if isinstance(value, bytes):
        return hash_bytes(value)
    if isinstance(value, list | tuple):
        return hash_array(value)
    if isinstance(value, Mapping):
        return hash_object(value)
    raise UnsupportedValue(f"a {type(value).__name__} has no hash")
