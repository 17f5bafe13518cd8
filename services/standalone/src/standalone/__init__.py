"""The embedded profile of Tallybook: one process, one data folder, and the command line."""
