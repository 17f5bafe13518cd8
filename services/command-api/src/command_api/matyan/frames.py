"""Frames of clients to the steps of a few appends."""

from collections.abc import Callable, Sequence
from hashlib import blake2b

import msgspec

from command_api.application.ingest.decode import JSON, Item, decode_body
from command_api.application.ingest.handler import frame_id
from command_api.application.ingest.translate import Translated, translate
from command_api.application.ports import Caller
from command_api.matyan.answers import Answer, taken
from contracts.errors import ValidationFailed
from contracts.rest.ingest import RejectedMessage

_MERGED_BYTES = 1 << 20
_MERGED_FRAMES = 128
_MERGEABLE_BYTES = 64 << 10
_APPENDED_KIND = b'"log_record"'
"""The one kind that is no upsert: frames that name it are told apart by their hash, so each is written alone."""
_TIMES = (b'"client_datetime"', b'"timestamp"')


class Frame:
    """One frame between its arrival and its answer.

    arrived: seconds of the loop's clock. hear: called once, within `settle`; it must not raise. answer: None until the
    frame is settled.
    """

    __slots__ = ("_hear", "answer", "arrived", "body", "caller", "digest", "size")

    def __init__(
        self, body: bytes, digest: bytes, caller: Caller, arrived: float, hear: "Callable[[Frame, Answer], None]"
    ) -> None:
        self.body = body
        self.size = len(body)
        self.digest = digest
        self.caller = caller
        self.arrived = arrived
        self.answer: Answer | None = None
        # Called at once and not by a future's way through the loop: with 2,000 frames a second that is a tenth of all.
        self._hear = hear

    @property
    def is_mergeable(self) -> bool:
        return self.size <= _MERGEABLE_BYTES and not self.holds_records

    @property
    def holds_records(self) -> bool:
        return _APPENDED_KIND in self.body

    @property
    def is_settled(self) -> bool:
        return self.answer is not None

    def settle(self, answer: Answer) -> None:
        """The first answer counts; the frame's text is let go."""
        if self.answer is None:
            self.body = b""
            self.answer = answer
            self._hear(self, answer)


def frame_digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).digest()


def tells_time(body: bytes) -> bool:
    """Of some message when it was made, in microseconds: a frame that equals it was not written anew by anybody."""
    return any(name in body for name in _TIMES)


class Translation(msgspec.Struct, frozen=True):
    """answers: one per frame, in order, for when the steps are durable. frame: `frame_id` of log records."""

    answers: list[Answer]
    together: Translated
    frame: str


def next_group(waiting: Sequence[Frame]) -> list[Frame]:
    """The frames at the front that may share events: of one actor, small, and no log records."""
    group: list[Frame] = []
    size = 0
    for frame in waiting:
        size += frame.size
        fits = not group or (
            frame.is_mergeable
            and group[0].is_mergeable
            and size <= _MERGED_BYTES
            and len(group) < _MERGED_FRAMES
            and frame.caller.actor == group[0].caller.actor
        )
        if not fits:
            break
        group.append(frame)
    return group


def translate_frames(group: Sequence[Frame], now: float) -> Translation:
    """Valid messages of all frames in their order; points that follow each other share events across frames.

    A frame that cannot be read at all costs no other frame.
    """
    read = [_read(frame.body) for frame in group]
    frame = frame_id(group[0].body) if group[0].holds_records else ""
    together = translate(_numbered(read), now)
    if not together.rejected:
        answers = [each if isinstance(each, Answer) else taken(len(each), ()) for each in read]
        return Translation(answers, together, frame)
    # Rare, and nothing is appended yet: each frame alone, so that indexes and limits are those of its own messages.
    answers, together = [], Translated()
    for each in read:
        if isinstance(each, Answer):
            answers.append(each)
        else:
            alone = translate(each, now)
            answers.append(taken(alone.accepted, alone.rejected))
            together.steps += alone.steps
            together.content |= alone.content
    return Translation(answers, together, frame)


def _numbered(read: Sequence[list[Item] | Answer]) -> Sequence[Item]:
    """All messages, numbered throughout; those of a single frame are already."""
    if len(read) == 1:
        return [] if isinstance(read[0], Answer) else read[0]
    messages = [item for each in read if not isinstance(each, Answer) for item in each]
    return [Item(index, item.message, item.error) for index, item in enumerate(messages)]


def _read(body: bytes) -> list[Item] | Answer:
    try:
        return decode_body(body, JSON)
    except ValidationFailed as error:
        return taken(0, [RejectedMessage(0, error.message)])
