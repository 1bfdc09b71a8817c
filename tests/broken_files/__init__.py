"""Files that mean harm, and files that are merely broken."""
