# The course in a container, from the same lock as everywhere: `docker build -t fedcourse .`, then
# `docker run -p 127.0.0.1:8888:8888 fedcourse`, and open the address that it prints. Binder reads this file too.
# Grading makes a sandbox of its own inside, which Docker forbids unless told otherwise:
# `--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined`.

# What the course needs of a system, and a user; `.devcontainer` takes this stage alone.
FROM --platform=linux/amd64 debian:bookworm-slim AS system
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap ca-certificates git make python3 python3-pip \
    && rm -rf /var/lib/apt/lists/*
# Binder chooses the user.
ARG NB_USER=learner
ARG NB_UID=1000
RUN useradd --create-home --shell /bin/bash --uid ${NB_UID} ${NB_USER}
ENV LANG=C.UTF-8 SHELL=/bin/bash
USER ${NB_USER}

FROM system AS course
ARG NB_USER=learner
RUN mkdir /home/${NB_USER}/fedcourse
WORKDIR /home/${NB_USER}/fedcourse
COPY --chown=${NB_USER} . .
RUN make setup && rm -rf ~/.cache
ENV PATH=/home/${NB_USER}/fedcourse/.venv/bin:${PATH}
EXPOSE 8888
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--no-browser", "--ServerApp.root_dir=lessons"]
