"""Looking after versions of the views: making, counting, rebuilding, switching, comparing."""
