"""Grading a class: intake and repair, points, the gradebook, feedback pages, reports; nbgrader's plug-ins."""
