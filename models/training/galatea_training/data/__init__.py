"""Which pictures and texts networks learn from: datasets, captions and their readers."""
