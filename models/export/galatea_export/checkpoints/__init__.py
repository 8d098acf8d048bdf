"""Reading published checkpoints: plain tensors by name, verified against an architecture."""
