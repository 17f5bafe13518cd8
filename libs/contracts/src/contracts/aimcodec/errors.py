"""What the codec can refuse.

CodecError
    UnsupportedValue   something in a tree has no form on the wire
    CorruptRecords     bytes that no correct writer can have sent
"""


class CodecError(ValueError):
    """Base of the codec's errors; `code` is stable."""

    code = "codec_error"


class UnsupportedValue(CodecError):
    """A value, a key or a tree that has no form on the wire; a fault of the caller, never of stored data."""

    code = "codec_unsupported_value"


class CorruptRecords(CodecError):
    """Bytes cut in the middle of a record, or a key or value that does not follow the format."""

    code = "codec_corrupt_records"
