"""When a consumer is to be taken for dead: its thread can crash and leave the process alive, doing nothing."""

import msgspec


class ConsumerHealth(msgspec.Struct, frozen=True, kw_only=True):
    """busy: there is a reason why the consumer may not poll now. poll_age_seconds: since it last asked the broker."""

    started: bool
    crashed: bool
    busy: bool
    poll_age_seconds: float


def cause_of_death(health: ConsumerHealth, poll_limit_seconds: float) -> str | None:
    """Why the process should end; None for a consumer that lives."""
    if not health.started:
        return None
    if health.crashed:
        return "the consumer crashed"
    if not health.busy and health.poll_age_seconds > poll_limit_seconds:
        return f"the consumer did not ask the broker for {health.poll_age_seconds:.0f} s"
    return None
