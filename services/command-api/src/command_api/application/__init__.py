"""Commands: one handler each, no framework, no technology."""
