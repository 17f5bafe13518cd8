import base64
from collections.abc import AsyncIterator

import pytest
from tests.fakes import FakeBlobs

from command_api.application.uploads import Uploads
from contracts.errors import Forbidden, PayloadTooLarge, Unavailable, ValidationFailed
from contracts.keys import upload_place

SECONDS = 60


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def uploads_over(blobs: FakeBlobs, clock: Clock | None = None, secret: bytes = b"secret", most: int = 100) -> Uploads:
    return Uploads(blobs, secret, clock or Clock(), most, SECONDS)


async def body(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def token_of(uploads: Uploads, run_id: str = "run-1", path: str = "a/b.txt") -> str:
    permit = await uploads.permit(run_id, path)
    assert permit.token is not None
    return permit.token


@pytest.mark.parametrize(
    "path",
    ["f", "dir x/ü.txt", "a..b", "seq/loss/0.", "a\\b", "%2e%2e/x", "C:x", "x" * 256, "x/" * 2_000 + "y",
     "ü" * 2_048, "x?versionId=1"],
)  # fmt: skip
async def test_a_permit_keeps_the_clients_key_and_takes_the_bytes(path: str) -> None:
    blobs = FakeBlobs()
    uploads = uploads_over(blobs)
    permit = await uploads.permit("run-1", path)
    assert (permit.key, permit.address) == (f"run-1/{path}", None)
    assert await uploads.receive(permit.token or "", None, body(b"ab", b"c")) == 3
    assert blobs.stored == {upload_place(f"run-1/{path}"): b"abc"}


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "/etc/passwd", "a//b", "a/", ".", "..", "../x", "a/../../b", "a/./b", "a\x00b", "a\nb", "\x7f",
        "\ud83d", "x" * 4_097, "ü" * 2_049,
    ],
)  # fmt: skip
async def test_paths_that_leave_the_run_or_are_odd_are_refused(path: str) -> None:
    with pytest.raises(ValidationFailed):
        await uploads_over(FakeBlobs()).permit("run-1", path)


@pytest.mark.parametrize("run_id", ["", "..", "a/b", "progress_1", "x" * 129, "ü"])
async def test_run_ids_that_no_run_has_are_refused(run_id: str) -> None:
    with pytest.raises(ValidationFailed):
        await uploads_over(FakeBlobs()).permit(run_id, "f")


async def test_a_file_and_a_folder_of_one_name_lie_beside_each_other() -> None:
    assert not upload_place("run-1/a/b").startswith(f"{upload_place('run-1/a')}/")


async def test_a_token_serves_until_it_expires() -> None:
    clock, blobs = Clock(), FakeBlobs()
    uploads = uploads_over(blobs, clock)
    token = await token_of(uploads)
    clock.now += SECONDS
    await uploads.receive(token, None, body(b"1"))
    clock.now += 0.001
    with pytest.raises(Forbidden):
        await uploads.receive(token, None, body(b"2"))
    assert list(blobs.stored.values()) == [b"1"]


async def test_tokens_that_are_not_ours_are_refused() -> None:
    blobs = FakeBlobs()
    uploads = uploads_over(blobs)
    token = await token_of(uploads)
    said, signature = token.split(".")
    other_said = (await token_of(uploads, path="other")).split(".")[0]
    changed = base64.urlsafe_b64encode(bytes(32)).rstrip(b"=").decode()
    for forged in (
        "", ".", "..", "x", said, f"{said}.", f".{signature}", f"{other_said}.{signature}", f"{said}.{changed}",
        f"{token}.", f"{token}\x00", "é.é", await token_of(uploads_over(blobs, secret=b"another")),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            await uploads.receive(forged, None, body(b"x"))
    assert blobs.stored == {}


async def test_without_a_secret_no_token_is_given_or_taken() -> None:
    without = uploads_over(FakeBlobs(), secret=b"")
    with pytest.raises(Unavailable):
        await without.permit("run-1", "f")
    with pytest.raises(Forbidden):
        await without.receive(await token_of(uploads_over(FakeBlobs(), secret=b"x")), None, body())


async def test_what_is_too_large_is_refused_and_not_kept() -> None:
    blobs = FakeBlobs()
    uploads = uploads_over(blobs, most=10)
    token = await token_of(uploads)
    with pytest.raises(PayloadTooLarge):
        await uploads.receive(token, 11, body())
    with pytest.raises(PayloadTooLarge):
        await uploads.receive(token, None, body(b"12345", b"678901"))
    assert blobs.stored == {}
    assert await uploads.receive(token, 10, body(b"1234567890")) == 10


async def test_an_address_of_the_store_is_handed_on() -> None:
    class Bucket(FakeBlobs):
        async def upload_url(self, key: str, seconds: int) -> str | None:
            return f"https://bucket/{key}?for={seconds}"

    permit = await uploads_over(Bucket(), secret=b"").permit("run-1", "a b")
    assert permit == ("run-1/a b", f"https://bucket/{upload_place('run-1/a b')}?for=60", None)
