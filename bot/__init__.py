"""How Đôn Đốc runs: commands, channels, server, clock."""
