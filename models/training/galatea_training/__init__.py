"""Training of the maquette: rendered heads, the networks of a pack, and their export.

Every part is a command: ``python -m galatea_training COMMAND --help``.
"""
