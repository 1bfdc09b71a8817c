"""Pictures into files: EXPORTERS by suffix, written whole or not at all."""
