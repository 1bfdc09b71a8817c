"""Weights of other programs: files in, layers recognised, numbers converted, and the way back."""
