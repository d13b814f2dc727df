"""The learner's toolkit: data, plots, TFF's runtime, the course's languages."""

import os
import warnings

# Importing TensorFlow and TFF prints lines about missing GPU libraries and an old packaging interface, which
# frighten beginners, who can do nothing about them. TensorFlow reads the variable when it is first imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)
