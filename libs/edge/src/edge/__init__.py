"""What the HTTP services of Tallybook share: the envelope, the two prefixes, health, metrics, limits."""
