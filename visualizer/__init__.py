"""What is seen and chosen: scene, paint, plots, document, export, widgets. Nothing that computes."""
