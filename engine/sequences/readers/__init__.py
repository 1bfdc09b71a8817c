"""One leaf file per format: bytes to a sequence. The table of them is READERS in `reading`."""
