"""Writing, reading and verifying packs: the manifest, file hashes, TorchScript files and the conventions of docs/pack.md."""
