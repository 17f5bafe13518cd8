"""Examples for the OpenAPI file, made from the types of bodies: the same word stands for the same thing everywhere."""

from typing import Any

from msgspec import inspect

from edge.described_parameters import EXAMPLE_ID, EXAMPLE_RUN

_CONTEXT = {"subset": "train"}
_ISO = "2025-03-01T10:15:30.123456Z"

_OF_TYPE: dict[str, dict[str, Any]] = {
    "ArtifactInfo": {"name": "model.pt"},
    "ExperimentChange": {"name": "baseline", "description": "without dropout"},
    "ExperimentItem": {"name": "baseline", "description": "without dropout"},
    "ExperimentRun": {"name": "first try"},
    "ExperimentRef": {"name": "baseline", "description": "without dropout"},
    "NewExperiment": {"name": "baseline"},
    "NewTag": {"name": "best"},
    "Project": {"name": "My project", "path": "", "description": "", "telemetry_enabled": 0, "warn_index": False},
    "Props": {"name": "Run: my-run", "description": "the first one", "active": False},
    "ReportItem": {"name": "weekly"},
    "RunChange": {"name": "first try", "description": "the first one", "experiment": "baseline"},
    "TagAttached": {"id": EXAMPLE_RUN},
    "TagDetached": {"id": EXAMPLE_RUN},
    "TagChange": {"name": "best"},
    "TaggedRun": {"name": "first try"},
    "TagItem": {"name": "best", "description": "to be kept"},
    "TagRef": {"name": "best", "description": "to be kept"},
    "AppItem": {"type": "metrics"},
    "PinnedEntry": {"name": "loss"},
    "PinnedItem": {"name": "loss"},
}
"""By the name of a struct, then of its field."""

_OF_FIELD: dict[str, Any] = {
    "accepted": 5,
    "activity_map": {"2025-03-01T14:00:00": 3},
    "align_by": "epoch",
    "app_type": "metrics",
    "archived": False,
    "active": True,
    "artifact_path": "model.pt",
    "blob_key": "my-run/model.pt",
    "checks": {"log": "ok", "documents": "ok", "columns": "ok"},
    "code": "# Weekly report",
    "color": "#3E72E7",
    "component": "backend",
    "content": "Learning rate lowered after step 400.",
    "content_type": "application/octet-stream",
    "context": _CONTEXT,
    "created_at": _ISO,
    "creation_time": 1714550000.123,
    "description": "what it is about",
    "end_time": 1714553600.5,
    "experiment": "baseline",
    "headers": None,
    "index": 3,
    "iters": [0, 1],
    "last_value": 0.12,
    "message": "log_metric: `value` is missing",
    "name": "loss",
    "params": {"hparams": {"lr": 0.1}},
    "path": "model.pt",
    "position": "kZQBpHJ1bnMAzwAB",
    "rejected": [],
    "removed": True,
    "run_count": 3,
    "run_id": EXAMPLE_RUN,
    "s3_key": "my-run/model.pt",
    "slice": [0, 0, 50],
    "state": {"chart": {"focusedState": {"active": False}}},
    "tag_name": "best",
    "traces": {"metric": [{"name": "loss", "context": _CONTEXT, "last_value": 0.12}]},
    "type": "metrics",
    "updated_at": _ISO,
    "upload_url": "http://localhost:53800/api/v1/uploads/gqVwbGFjZQ.c2lnbmF0dXJl",
    "uri": "file://uploads/my-run/model.pt",
    "values": [0.5, 0.25],
    "version": "1.0.0",
}
"""By the name of a field, whatever it belongs to."""

_PLAIN: dict[type[inspect.Type], Any] = {
    inspect.BoolType: True,
    inspect.IntType: 1,
    inspect.FloatType: 1.5,
    inspect.StrType: "text",
    inspect.AnyType: None,
    inspect.NoneType: None,
    inspect.RawType: {},
}


def example_of(kind: Any) -> Any:
    """JSON values that an instance of the type could be."""
    return _example(inspect.type_info(kind))


def _example(kind: inspect.Type) -> Any:
    if isinstance(kind, inspect.Metadata):
        return _example(kind.type)
    if isinstance(kind, inspect.StructType | inspect.TypedDictType):
        return {field.encode_name: _of_field(kind, field) for field in kind.fields}
    if isinstance(kind, inspect.ListType | inspect.VarTupleType):
        return [_example(kind.item_type)]
    if isinstance(kind, inspect.TupleType):
        return [_example(one) for one in kind.item_types]
    if isinstance(kind, inspect.UnionType):
        return _example(next(one for one in kind.types if not isinstance(one, inspect.NoneType)))
    if isinstance(kind, inspect.LiteralType):
        return kind.values[0]
    if isinstance(kind, inspect.DictType):
        return {}
    return _PLAIN[type(kind)]


def _of_field(owner: inspect.StructType | inspect.TypedDictType, field: inspect.Field) -> Any:
    of_type = _OF_TYPE.get(owner.cls.__name__, {})
    if field.name in of_type:
        return of_type[field.name]
    plain = field.type.type if isinstance(field.type, inspect.Metadata) else field.type
    if _says_itself(plain):
        return _example(plain)
    if field.name == "id":
        return EXAMPLE_RUN if owner.cls.__name__.startswith("Run") else EXAMPLE_ID
    if field.name.endswith("_id") and field.name not in _OF_FIELD:
        return EXAMPLE_ID
    return _OF_FIELD.get(field.name, _example(field.type))


def _says_itself(kind: inspect.Type) -> bool:
    """Whether the type alone decides what it looks like."""
    if isinstance(kind, inspect.StructType | inspect.LiteralType):
        return True
    return isinstance(kind, inspect.ListType) and isinstance(kind.item_type, inspect.StructType)
