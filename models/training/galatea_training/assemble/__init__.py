"""How trained networks become a pack, and how test packs are made."""
