"""The channels: each carries messages in and replies out."""
