"""What is seen and chosen: scene, paint, plots, document, export, widgets; it computes nothing."""
