"""The disk fills up under the log: writers get 503 with Retry-After, nothing is half written, and space brings it back."""
