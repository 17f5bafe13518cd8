"""What events do outside the views: the blobs of purged runs go away."""
