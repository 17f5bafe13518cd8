"""The decisions: what each event does to the state, in the order of the log. Pure: no clock, no random, no I/O."""
