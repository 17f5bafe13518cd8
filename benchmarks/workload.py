"""The deterministic workload that every measured system shares, found by path: it is not part of this project."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "bench" / "workload.py"


def load() -> ModuleType:
    """The workload's module: TALLYBOOK_WORKLOAD, or `../shared/bench/workload.py` beside the checkout."""
    path = Path(os.environ.get("TALLYBOOK_WORKLOAD", DEFAULT))
    spec = importlib.util.spec_from_file_location("tallybook_workload", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SystemExit(f"the workload is not at {path}: set TALLYBOOK_WORKLOAD to its path")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
