"""The ports of commands over the stores."""
