"""Controls: they show the document and change it, and never speak to each other.

`window` assembles them; what several of them are made of lives in `parts`. Nothing here computes
a number or decides where something stands in a picture.
"""
