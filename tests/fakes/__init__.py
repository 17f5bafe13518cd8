"""The ports in memory, for tests: they obey the ports' contracts, and fail where a test tells them to."""

from tests.fakes.blobs import FakeBlobs
from tests.fakes.columns import FakeColumns
from tests.fakes.documents import FakeDocuments
from tests.fakes.eventlog import FakeEventLog
from tests.fakes.faults import Crash, Faults

__all__ = ("Crash", "FakeBlobs", "FakeColumns", "FakeDocuments", "FakeEventLog", "Faults")
