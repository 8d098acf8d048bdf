"""Training of the maquette: rendered heads, networks, packs and their evaluation.

Every step is a command with the name of its module: ``python -m galatea_training train.encoder --help``.
"""
