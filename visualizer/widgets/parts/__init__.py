"""What controls are made of: guards, the look, small painted pieces. No part knows the document."""
