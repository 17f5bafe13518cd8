"""Commands on reports: rows 78, 80 and 81 of the REST contract."""

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from command_api.application.answers import Decided
from command_api.application.claim_check import Claims
from command_api.application.lookups import OF_CATALOG, existing
from command_api.application.ports import Caller, Tools
from command_api.application.saved_pages import NOT_FOUND, cleaned, kept, save
from contracts.events import ReportDeleted, ReportSaved
from contracts.read_models import Report
from contracts.trees import clean_text
from stores.boards import ShownReport


class CreateReport(msgspec.Struct, frozen=True):
    name: str
    code: str | None = None
    description: str | None = None


class ChangeReport(msgspec.Struct, frozen=True):
    """None leaves a property as it is."""

    name: str | None = None
    code: str | None = None
    description: str | None = None


class SavedReport(NamedTuple):
    """The report as it is now."""

    shown: ShownReport
    decided: Decided


async def create_report(tools: Tools, caller: Caller, command: CreateReport) -> SavedReport:
    name, code, description = clean_text(command.name), cleaned(command.code), cleaned(command.description)
    claims, report_id, now = Claims(), tools.new_id(), tools.clock()
    event = ReportSaved(
        report_id=report_id, new=True, name=name, code=claims.value(code), description=description, at=now
    )
    decided = await save(tools, caller, event, claims)
    made = Report(id=report_id, version=0, name=name, description=description, created_at=now, updated_at=now)
    return SavedReport(ShownReport(made, code), decided)


async def change_report(tools: Tools, caller: Caller, report_id: str, command: ChangeReport) -> SavedReport:
    """A change of nothing is one too: the time of the last change moves. Raises NotFound."""
    before = await _existing(tools, report_id)
    name, code, description = cleaned(command.name), cleaned(command.code), cleaned(command.description)
    claims, now = Claims(), tools.clock()
    event = ReportSaved(report_id=report_id, name=name, code=claims.value(code), description=description, at=now)
    decided = await save(tools, caller, event, claims)
    after = replace(
        before.entry,
        name=kept(name, before.entry.name),
        description=kept(description, before.entry.description),
        updated_at=now,
    )
    return SavedReport(ShownReport(after, kept(code, before.code)), decided)


async def delete_report(tools: Tools, caller: Caller, report_id: str) -> Decided:
    """Raises NotFound."""
    await _existing(tools, report_id)
    return await save(tools, caller, ReportDeleted(report_id=report_id))


async def _existing(tools: Tools, report_id: str) -> ShownReport:
    return await existing(tools, [OF_CATALOG], lambda: tools.views.report(report_id), NOT_FOUND)
