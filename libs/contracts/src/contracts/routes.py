"""The one routing table: every endpoint of the product, and which service answers it.

The HTTP verb alone does not decide: some POSTs only read. The services' handlers and the ingress rules are compared
with this table by tests. Row numbers are those of the REST contract; rows without one are ours.
"""

from typing import Literal, NamedTuple

Side = Literal["command", "query", "each", "ui"]

REST_PREFIX = "/api/v1/rest"
AIM_PREFIX = "/api"
"""Below the path at which the Aim UI is served."""


class Route(NamedTuple):
    """`path` is relative to both prefixes, or absolute where `prefixes` is empty. Both `x` and `x/` are answered.

    method: WEBSOCKET is a GET that asks for an upgrade.
    """

    row: int | None
    method: str
    path: str
    side: Side
    prefixes: tuple[str, ...] = (REST_PREFIX, AIM_PREFIX)


ROUTES: tuple[Route, ...] = (
    Route(1, "GET", "/runs/{run_id}/info", "query"),
    Route(2, "PUT", "/runs/{run_id}", "command"),
    Route(3, "DELETE", "/runs/{run_id}", "command"),
    Route(4, "POST", "/runs/delete-batch", "command"),
    Route(5, "POST", "/runs/archive-batch", "command"),
    Route(6, "POST", "/runs/finish-batch", "command"),
    Route(7, "POST", "/runs/{run_id}/clear-tombstone", "command"),
    Route(8, "POST", "/runs/{run_id}/tags/new", "command"),
    Route(9, "DELETE", "/runs/{run_id}/tags/{tag_id}", "command"),
    Route(10, "GET", "/runs/{run_id}/note", "query"),
    Route(11, "POST", "/runs/{run_id}/note", "command"),
    Route(12, "GET", "/runs/{run_id}/note/{note_id}", "query"),
    Route(13, "PUT", "/runs/{run_id}/note/{note_id}", "command"),
    Route(14, "DELETE", "/runs/{run_id}/note/{note_id}", "command"),
    Route(15, "GET", "/runs/{run_id}/artifacts/download", "query"),
    Route(16, "GET", "/runs/{run_id}/artifacts/download-all", "query"),
    Route(17, "GET", "/runs/{run_id}/logs", "query"),
    Route(18, "GET", "/runs/{run_id}/log-records", "query"),
    Route(19, "GET", "/runs/search/run", "query"),
    Route(20, "GET", "/runs/search/metric", "query"),
    Route(21, "GET", "/runs/active", "query"),
    Route(22, "POST", "/runs/search/metric/align", "query"),
    Route(23, "POST", "/runs/{run_id}/metric/get-batch", "query"),
    Route(24, "GET", "/runs/search/images", "query"),
    Route(25, "GET", "/runs/search/texts", "query"),
    Route(26, "GET", "/runs/search/distributions", "query"),
    Route(27, "GET", "/runs/search/audios", "query"),
    Route(28, "GET", "/runs/search/figures", "query"),
    Route(29, "POST", "/runs/{run_id}/images/get-batch", "query"),
    Route(30, "POST", "/runs/{run_id}/texts/get-batch", "query"),
    Route(31, "POST", "/runs/{run_id}/distributions/get-batch", "query"),
    Route(32, "POST", "/runs/{run_id}/audios/get-batch", "query"),
    Route(33, "POST", "/runs/{run_id}/figures/get-batch", "query"),
    Route(34, "POST", "/runs/{run_id}/images/get-step", "query"),
    Route(35, "POST", "/runs/{run_id}/texts/get-step", "query"),
    Route(36, "POST", "/runs/{run_id}/distributions/get-step", "query"),
    Route(37, "POST", "/runs/{run_id}/audios/get-step", "query"),
    Route(38, "POST", "/runs/{run_id}/figures/get-step", "query"),
    Route(39, "POST", "/runs/images/get-batch", "query"),
    Route(40, "POST", "/runs/audios/get-batch", "query"),
    Route(41, "GET", "/experiments", "query"),
    Route(42, "GET", "/experiments/search", "query"),
    Route(43, "POST", "/experiments", "command"),
    Route(44, "GET", "/experiments/{id}", "query"),
    Route(45, "PUT", "/experiments/{id}", "command"),
    Route(46, "DELETE", "/experiments/{id}", "command"),
    Route(47, "GET", "/experiments/{id}/runs", "query"),
    Route(48, "GET", "/experiments/{id}/activity", "query"),
    Route(49, "GET", "/experiments/{id}/note", "query"),
    Route(50, "POST", "/experiments/{id}/note", "command"),
    Route(51, "GET", "/experiments/{id}/note/{note_id}", "query"),
    Route(52, "PUT", "/experiments/{id}/note/{note_id}", "command"),
    Route(53, "DELETE", "/experiments/{id}/note/{note_id}", "command"),
    Route(54, "GET", "/tags", "query"),
    Route(55, "GET", "/tags/search", "query"),
    Route(56, "POST", "/tags", "command"),
    Route(57, "GET", "/tags/{id}", "query"),
    Route(58, "PUT", "/tags/{id}", "command"),
    Route(59, "DELETE", "/tags/{id}", "command"),
    Route(60, "GET", "/tags/{id}/runs", "query"),
    Route(61, "GET", "/projects", "query"),
    Route(62, "GET", "/projects/activity", "query"),
    Route(63, "GET", "/projects/params", "query"),
    Route(64, "GET", "/projects/pinned-sequences", "query"),
    Route(65, "POST", "/projects/pinned-sequences", "command"),
    Route(66, "GET", "/projects/status", "query"),
    Route(67, "GET", "/dashboards", "query"),
    Route(68, "POST", "/dashboards", "command"),
    Route(69, "GET", "/dashboards/{id}", "query"),
    Route(70, "PUT", "/dashboards/{id}", "command"),
    Route(71, "DELETE", "/dashboards/{id}", "command"),
    Route(72, "GET", "/apps", "query"),
    Route(73, "POST", "/apps", "command"),
    Route(74, "GET", "/apps/{id}", "query"),
    Route(75, "PUT", "/apps/{id}", "command"),
    Route(76, "DELETE", "/apps/{id}", "command"),
    Route(77, "GET", "/reports", "query"),
    Route(78, "POST", "/reports", "command"),
    Route(79, "GET", "/reports/{id}", "query"),
    Route(80, "PUT", "/reports/{id}", "command"),
    Route(81, "DELETE", "/reports/{id}", "command"),
    Route(82, "GET", "/version", "query", (REST_PREFIX,)),
    Route(83, "POST", "/artifacts/presign", "command", (REST_PREFIX,)),
    Route(84, "GET", "/health/live", "each", ()),
    Route(85, "GET", "/health/ready", "each", ()),
    Route(86, "GET", "/metrics", "each", ()),
    Route(87, "GET", "/static-files/{path}", "ui", ()),
    Route(88, "GET", "/{anything}", "ui", ()),
    Route(None, "POST", "/api/v1/ingest/runs/{run_id}", "command", ()),
    Route(None, "PUT", "/api/v1/uploads/{token}", "command", ()),
    Route(None, "WEBSOCKET", "/api/v1/ws/runs/{run_id}", "command", ()),
)
