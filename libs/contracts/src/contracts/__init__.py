"""What the services of Tallybook agree on: events, envelope, topics, routes, wire formats."""
