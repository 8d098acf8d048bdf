"""How each network is trained: one module for each training command."""
