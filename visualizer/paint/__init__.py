"""Two backends that draw a picture: `qt` with a QPainter, `svg` as text. No layout lives here."""
