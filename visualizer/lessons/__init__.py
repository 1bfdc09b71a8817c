"""The lessons of the lecture: ready sessions with captions. No Qt; nothing that draws.

What each lesson is stands in `resources/lessons`, one file a lesson; here they are read.
"""
