"""Native ingestion over plain HTTP."""

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from litestar.params import FromPath, HeaderParameter

from command_api.application.ingest.decode import JSON, MSGPACK, NDJSON
from command_api.application.ingest.handler import ingest
from command_api.application.ingest.messages import KINDS
from command_api.http.shared import POSITION_HEADER, AnyRequest, FromApp, caller_of
from contracts.rest.ingest import Ingested
from edge.documentation import GivenSchema, RefusableOperation, schema_of
from edge.refusals import also, never

_EXAMPLE: list[dict[str, Any]] = [
    {"type": "create_run"},
    {"type": "log_hparams", "value": {"hparams": {"lr": 0.1, "layers": [64, 64]}}},
    {"type": "log_metric", "name": "loss", "value": 0.5, "step": 0, "context": {"subset": "train"}},
    {"type": "add_tag", "tag_name": "first"},
    {"type": "finish_run"},
]

_DESCRIPTION = """\
One message, or an array of them, in JSON or MessagePack; or one message a line (`application/x-ndjson`).
It is durable when this answers. Every valid message is taken; the others are named in `rejected`.
With `Idempotency-Key` a repeat of the same body changes nothing.

    curl http://localhost:53800/api/v1/ingest/runs/my-run \\
      -H 'Content-Type: application/json' -H 'Idempotency-Key: my-run-0001' \\
      -d '[{"type": "create_run"},
           {"type": "log_hparams", "value": {"hparams": {"lr": 0.1, "layers": [64, 64]}}},
           {"type": "log_metric", "name": "loss", "value": 0.5, "step": 0, "context": {"subset": "train"}},
           {"type": "add_tag", "tag_name": "first"},
           {"type": "finish_run"}]'

Kinds: `create_run`, `log_metric`, `log_metrics` (columns), `log_hparams`, `log_custom_object` (images, audios, texts,
distributions, figures and others; one, or a list at one step), `log_terminal_line`, `log_record`, `blob_ref`,
`artifact`, `note`, `set_run_property`, `add_tag`, `remove_tag`, `finish_run`.
"""


def _schema() -> Schema:
    message = schema_of(*KINDS.values()).given
    return GivenSchema(given={"oneOf": [message, {"type": "array", "items": message, "minItems": 1}]})


@dataclass
class _IngestOperation(RefusableOperation):
    """The body is read by its content type, not by the framework, so its description stands here."""

    def __post_init__(self) -> None:
        kinds: dict[str, Any] = {
            JSON: OpenAPIMediaType(schema=_schema(), example=_EXAMPLE),
            MSGPACK[0]: OpenAPIMediaType(schema=_schema()),
            NDJSON: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING)),
        }
        self.request_body = RequestBody(content=kinds, required=True)
        super().__post_init__()


@post(
    "/api/v1/ingest/runs/{run_id:str}",
    status_code=200,
    operation_id="IngestRun",
    operation_class=_IngestOperation,
    tags=["ingestion"],
    summary="Log messages of a run",
    description=_DESCRIPTION,
    opt=also(422) | never(404),
)
async def ingest_run(
    run_id: FromPath[str],
    request: AnyRequest,
    commands: FromApp,
    batch_id: Annotated[str | None, HeaderParameter(name="Idempotency-Key", required=False)] = None,
) -> Response[Ingested]:
    taken = await ingest(
        commands.tools,
        commands.names,
        caller_of(request),
        run_id,
        await request.body(),
        request.headers.get("content-type", ""),
        batch_id,
    )
    commands.metrics.messages.labels("accepted").inc(taken.accepted)
    commands.metrics.messages.labels("rejected").inc(len(taken.rejected))
    return Response(taken, headers={POSITION_HEADER: taken.position})


ROUTES: tuple[HTTPRouteHandler, ...] = (ingest_run,)
