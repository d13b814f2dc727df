"""The errors of TensorFlow Federated 0.87 and TensorFlow that a beginner meets, in plain words."""

from fedcourse.coach.lookup import error_text, explain
from fedcourse.coach.notebook import EXPLANATION, Explanation, start

__all__ = ["EXPLANATION", "Explanation", "error_text", "explain", "start"]
