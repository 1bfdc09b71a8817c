"""Plots on the graph's time axis, each a picture from a film and a frame; the table is `table`."""
