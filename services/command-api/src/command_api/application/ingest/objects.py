"""Values of log_custom_object to the items of events (source: the ingestion contract, 1.4 and 1.8)."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec
import numpy as np

from command_api.application.claim_check import Claims
from command_api.application.ingest.limits import MAX_CAPTION, MAX_DTYPE
from command_api.application.ingest.messages import Key
from contracts.blobs import Blob
from contracts.errors import ValidationFailed
from contracts.events import Audio, Custom, Distribution, Figure, Image, Item, ObjectKind, Text
from contracts.trees import clean_text, clean_tree

_KINDS: dict[str, ObjectKind] = {
    "image": "images",
    "audio": "audios",
    "text": "texts",
    "distribution": "distributions",
    "figure": "figures",
}
_WORDS: dict[str, ObjectKind] = {**_KINDS, **{kind: kind for kind in _KINDS.values()}}
_NO_KIND = {"", "custom", "list"}
_LIST = re.compile(r"list\((.*)\)")
_NUMBERS = {"int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64"}

Caption = Annotated[str, msgspec.Meta(max_length=MAX_CAPTION)]
Size = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]


def kind_of(dtype: str | None, values: Sequence[Any]) -> ObjectKind:
    """The kind that the client named, in the singular or plural, with or without `aim.` and `list()`.

    Where it named none, the `type` of the first object counts. `Image` is none: a class of the client's own.
    """
    kind = _word(dtype or "")
    if kind is None and (dtype or "") in _NO_KIND and values and isinstance(values[0], dict):
        named = values[0].get("type")
        kind = _word(named) if isinstance(named, str) else None
    return kind or "custom"


def _word(name: str) -> ObjectKind | None:
    listed = _LIST.fullmatch(name)
    return _WORDS.get((listed[1] if listed else name).removeprefix("aim."))


class NotOfKind(Exception):
    """Values that are none of the kind that was named: they may still be objects of a class of the client's own."""

    def __init__(self, why: ValidationFailed) -> None:
        super().__init__(why.message)
        self.why = why


def items_of(kind: ObjectKind, values: Sequence[Any], claims: Claims) -> tuple[Item, ...]:
    """Raises NotOfKind, or ValidationFailed for what is not even a custom object; what `claims` holds is void then."""
    read = _READERS[kind]
    try:
        return tuple(read(value, claims) for value in values)
    except ValidationFailed as error:
        if kind == "custom":
            raise
        raise NotOfKind(error) from error


class _Bytes(msgspec.Struct, frozen=True):
    """Where bytes are: under a client's key, or here (in JSON as base64)."""

    s3_key: Key | None = None
    blob_key: Key | None = None
    data: bytes | None = None
    caption: Caption | None = None
    format: str | None = None


class _Image(_Bytes, frozen=True):
    width: Size | None = None
    height: Size | None = None


class _Audio(_Bytes, frozen=True):
    rate: Size | None = None


class _Text(msgspec.Struct, frozen=True):
    data: str


class _Distribution(msgspec.Struct, frozen=True):
    """data: numbers, or in MessagePack their little-endian bytes. dtype: of numpy; of bytes it must be given."""

    data: list[int | float] | bytes
    range: tuple[float, float]
    dtype: str | None = None
    bin_count: int | None = None


class _Figure(msgspec.Struct, frozen=True):
    data: Any
    source: str | None = None
    version: str | None = None
    format: str | None = None


def _image(value: Any, claims: Claims) -> Image:
    given = _converted(value, _Image)
    return Image(
        _blob(given, claims), clean_text(given.caption or ""), _short(given.format) or "", given.width, given.height
    )


def _audio(value: Any, claims: Claims) -> Audio:
    given = _converted(value, _Audio)
    return Audio(_blob(given, claims), clean_text(given.caption or ""), _short(given.format) or "", given.rate)


def _text(value: Any, claims: Claims) -> Text:
    return Text(claims.value(clean_text(_converted(value, _Text).data)))


def _distribution(value: Any, claims: Claims) -> Distribution:
    given = _converted(value, _Distribution)
    weights, dtype = _weights(given)
    count = len(weights) // np.dtype(dtype).itemsize
    if given.bin_count not in (None, count):
        raise ValidationFailed(f"value.bin_count is {given.bin_count}, value.data has {count} entries")
    return Distribution(claims.value(weights), dtype, count, given.range)


def _figure(value: Any, claims: Claims) -> Figure:
    given = _converted(value, _Figure)
    data = claims.whole(clean_tree(given.data))
    return Figure(data, _short(given.source), _short(given.version), _short(given.format))


def _custom(value: Any, claims: Claims) -> Custom:
    if not isinstance(value, dict):
        raise ValidationFailed("value must be an object, or a list of objects")
    return Custom(claims.whole(clean_tree(value)))


_READERS: dict[ObjectKind, Callable[[Any, Claims], Item]] = {
    "images": _image,
    "audios": _audio,
    "texts": _text,
    "distributions": _distribution,
    "figures": _figure,
    "custom": _custom,
}

_Given = Any


def _converted(value: Any, kind: type[_Given]) -> _Given:
    try:
        try:
            return msgspec.convert(value, kind)
        except UnicodeEncodeError:
            # Half a surrogate pair, which the converter cannot look at where it compares texts.
            return msgspec.convert(clean_tree(value), kind)
    except (msgspec.ValidationError, OverflowError, ValueError) as error:
        raise ValidationFailed(f"value: {error}") from error


def _blob(given: _Bytes, claims: Claims) -> Blob:
    key = given.s3_key or given.blob_key
    if key is not None:
        return Blob(key=clean_text(key))
    if given.data is None:
        raise ValidationFailed("value must have s3_key, blob_key or data")
    return claims.content(given.data)


def _weights(given: _Distribution) -> tuple[bytes, str]:
    dtype = given.dtype
    if dtype is not None and dtype not in _NUMBERS:
        raise ValidationFailed(f"value.dtype is none of {', '.join(sorted(_NUMBERS))}")
    if isinstance(given.data, bytes):
        if dtype is None or len(given.data) % np.dtype(dtype).itemsize:
            raise ValidationFailed("value.data is bytes, but not of whole numbers of value.dtype")
        return given.data, dtype
    if dtype is None:
        dtype = "int64" if all(isinstance(number, int) for number in given.data) else "float64"
    try:
        return np.array(given.data, np.dtype(dtype).newbyteorder("<")).tobytes(), dtype
    except (OverflowError, ValueError) as error:
        raise ValidationFailed(f"value.data does not fit {dtype}") from error


def _short(text: str | None) -> str | None:
    return None if text is None else clean_text(text)[:MAX_DTYPE]
