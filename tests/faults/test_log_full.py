"""The disk is full under the log: writers get 503 with Retry-After, nothing is half written, space brings it back."""
