"""How good a pack is: measurements through the product's own refiner."""
