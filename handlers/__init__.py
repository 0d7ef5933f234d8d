"""What Đôn Đốc says: a Message in, a Reply out."""
