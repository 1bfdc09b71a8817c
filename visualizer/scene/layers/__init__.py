"""The layers of the graph's picture, one file each; their order stands in `scene.compose`."""
