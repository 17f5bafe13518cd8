"""The words of the command line, a file each. What is heavy is imported when a word runs."""
