"""Drawings in print quality: the four bounds of an area, and the layout of its buildings. All lengths on paper in mm."""
