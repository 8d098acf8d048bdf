"""How weights are optimised: the training loop, optimisers, devices and checkpoints."""
