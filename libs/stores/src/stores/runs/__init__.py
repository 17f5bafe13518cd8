"""Reading runs and the catalog from the views; shared by every service that reads."""
