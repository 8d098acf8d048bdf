"""What the networks are: definitions, and loading of trained ones.

The names of modules inside a network are keys of its checkpoints: a renamed module no longer finds its weights.
"""
