"""Checkpoints of random weights in the published file formats, for tests of the export."""
