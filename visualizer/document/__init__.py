"""The choices of the user: snapshot, document, session files. No Qt; nothing that draws."""
