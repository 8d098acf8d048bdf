"""The refinement step of docs/refinement.md in plain PyTorch: the oracle of tests, benchmarks and evaluation."""
