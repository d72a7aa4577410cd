"""What readers see: the staged file, its dictionary, the swap, and questions to it."""
