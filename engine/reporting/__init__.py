"""The gradient doctor: what a recording says of a network that does not learn. `engine.report`.

A finding is a row of FINDINGS (`table`); everything it says is read off a recording, or off a
second one with something moved. Text, HTML and pictures of a report are made elsewhere.
"""
