"""Export of published networks as a pack: EG3D, Stable Diffusion, ArcFace, VGG16, DPR.

``python -m galatea_export --help`` tells the options; the contract of a pack is docs/pack.md.
"""
