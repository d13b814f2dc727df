"""The learner's toolkit: data, plots, TFF's runtime, the course's languages."""

import os
import warnings

# Importing TensorFlow and TFF prints lines about missing GPU libraries and an old packaging interface, which
# frighten beginners, who can do nothing about them. TensorFlow reads the variable when it is first imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# oneDNN searches all of TensorFlow for a faster form of each operation, in Python and in TFF's worker. That
# takes a tenth of a second, for what lessons compute in a hundredth; results differ in the last digit.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
# gRPC, which TFF talks through, starts threads in every fork, and they crash one that is about to become
# another program: now and then `!ls` in a notebook would show nothing.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)
