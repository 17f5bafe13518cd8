"""Technology adapters behind small ports, shared by the services of Tallybook."""
