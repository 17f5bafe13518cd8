"""The command API's HTTP handlers, one file per subject; they translate and decide nothing."""
