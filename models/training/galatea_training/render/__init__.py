"""What heads look like: parameters, meshes, textures, light and pictures."""
