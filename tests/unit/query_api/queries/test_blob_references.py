"""References to bytes: each text is made once, and of no use when they are old, forged or another product's."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.query_api.world import salts

from contracts.blobs import Blob
from query_api.queries.blob_references import BlobReferences, Reference

DAY = 86_400
MIDNIGHT = 20_000.0 * DAY
REFERENCE = Reference("run", 0, Blob(hash="ab" * 32))
REFERENCES = BlobReferences(b"key", 3 * DAY, salts())


def test_a_reference_opens_what_it_names() -> None:
    token = REFERENCES.make(REFERENCE, MIDNIGHT)
    assert REFERENCES.read(token, MIDNIGHT) == REFERENCE
    assert urlsafe_b64encode(urlsafe_b64decode(token + "=" * (-len(token) % 4))).decode().rstrip("=") == token


def test_each_is_another_text_also_for_the_same_bytes() -> None:
    made = [REFERENCES.make(REFERENCE, MIDNIGHT) for _ in range(20)]
    assert len(set(made)) == len(made)
    assert {REFERENCES.read(text, MIDNIGHT) for text in made} == {REFERENCE}


@pytest.mark.parametrize("valid_seconds", [1, 60, DAY, 30 * DAY])
@given(now=st.floats(0, 1e10))
def test_it_serves_as_long_as_was_promised_and_not_for_ever(valid_seconds: int, now: float) -> None:
    references = BlobReferences(b"key", valid_seconds, salts())
    token = references.make(REFERENCE, now)
    assert references.read(token, now + valid_seconds) == REFERENCE
    assert references.read(token, now + valid_seconds + 2) is None


@given(st.data())
def test_no_changed_text_opens_anything(data: st.DataObject) -> None:
    token = REFERENCES.make(REFERENCE, MIDNIGHT)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters())
    changed = token[:place] + letter + token[place + 1 :]
    opened = REFERENCES.read(changed, MIDNIGHT)
    # The last letter has spare bits: another one may spell the same bytes.
    assert opened is None or changed == token or place == len(token) - 1


@given(st.text() | st.binary().map(lambda data: urlsafe_b64encode(data).decode()))
def test_no_text_of_others_opens_anything(text: str) -> None:
    assert REFERENCES.read(text, MIDNIGHT) is None


def test_another_products_references_open_nothing() -> None:
    assert REFERENCES.read(BlobReferences(b"other key", 3 * DAY, salts()).make(REFERENCE, MIDNIGHT), MIDNIGHT) is None


def test_what_an_earlier_version_signed_opens_nothing() -> None:
    content = msgspec.msgpack.encode(REFERENCE)
    signed = content + hmac.digest(b"key", content, hashlib.sha256)
    assert REFERENCES.read(urlsafe_b64encode(signed).decode().rstrip("="), MIDNIGHT) is None
