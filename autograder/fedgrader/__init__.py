"""The grader: checks of answers, grading of classes, self-study. Its rooms are described in README.md."""
