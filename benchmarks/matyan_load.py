"""One process that logs with matyan-client, run by the interpreter of the clients' environment.

Arguments: address, run id, points. Says `ready`, begins at a line on its input, prints the seconds until all was
acknowledged and those of its own CPU time.
"""

import sys
import time

from matyan_client import Run

_LONGEST_SECONDS = 600.0


def main() -> None:
    address, run_id, points = sys.argv[1], sys.argv[2], int(sys.argv[3])
    run = Run(run_hash=run_id, repo=address, capture_terminal_logs=False)
    print("ready", flush=True)
    sys.stdin.readline()
    began, own = time.perf_counter(), time.process_time()
    for step in range(points):
        run.track(step * 0.5, name="loss", step=step, context={"subset": "train"})
    # `close` waits 8 s and drops the rest: on a busy machine that would measure nothing.
    run._ws.wait_for_flush(_LONGEST_SECONDS)
    run.close()
    print(time.perf_counter() - began, time.process_time() - own, flush=True)


if __name__ == "__main__":
    main()
