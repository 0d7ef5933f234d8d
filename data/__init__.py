"""What Đôn Đốc knows: plans, agencies, dates, and the store."""
