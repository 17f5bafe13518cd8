"""Presigned uploads: row 83, and the route that takes the bytes where the blob store has none of its own."""

from dataclasses import dataclass

from litestar import Response, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import OpenAPIMediaType, RequestBody, Schema
from litestar.params import FromPath, JSONBody

from command_api.matyan.shared import AnyRequest, FromApp
from contracts.rest.uploads import UploadAllowed, UploadWanted
from edge.documentation import RefusableOperation
from edge.refusals import never

UPLOADS_PATH = "/api/v1/uploads"


@dataclass
class _BytesOperation(RefusableOperation):
    """The body is no JSON: the framework cannot tell."""

    def __post_init__(self) -> None:
        anything = OpenAPIMediaType(schema=Schema(content_media_type="application/octet-stream"))
        self.request_body = RequestBody(content={"application/octet-stream": anything}, required=True)
        super().__post_init__()


@post("/artifacts/presign", status_code=200, operation_id="PresignArtifact", tags=["ingestion"])
async def presign(data: JSONBody[UploadWanted], request: AnyRequest, matyan: FromApp) -> UploadAllowed:
    """Ask where to PUT the bytes of an artifact, an image or a sound; announce them by `blob_ref` afterwards."""
    permit = await matyan.uploads.permit(data.run_id, data.artifact_path)
    address = permit.address or f"{_origin(request)}{UPLOADS_PATH}/{permit.token}"
    return UploadAllowed(upload_url=address, s3_key=permit.key, blob_key=permit.key)


@put(
    f"{UPLOADS_PATH}/{{token:str}}",
    status_code=204,
    request_max_body_size=None,
    operation_class=_BytesOperation,
    opt=never(404),
    operation_id="UploadBytes",
    tags=["ingestion"],
)
async def upload(token: FromPath[str], request: AnyRequest, matyan: FromApp) -> Response[None]:
    """Take the bytes that a presigned address stands for; they are durable when this answers."""
    await matyan.uploads.receive(token, request.content_length, request.stream())
    return Response(None, status_code=204)


def _origin(request: AnyRequest) -> str:
    """As the client sees us: it reached this server by that name."""
    return f"{request.scope['scheme']}://{request.headers.get('host') or request.url.netloc}"


REST_ONLY: tuple[HTTPRouteHandler, ...] = (presign,)
ROOT: tuple[HTTPRouteHandler, ...] = (upload,)
