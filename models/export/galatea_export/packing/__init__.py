"""Writing a pack from its parts: the manifest, sources and licences, and the options of the command line."""
