# syntax=docker/dockerfile:1
# The same thing as `make run`: the locked dependencies and the package, on a small Debian.
#
#   docker build --tag makelaar .
#   docker run --rm --read-only --tmpfs /tmp --volume makelaar:/data --publish 8440-8460:8440-8460 makelaar

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/makelaar
WORKDIR /src
# Before the source: a change of code then leaves this layer as it is.
COPY requirements/runtime.lock requirements/
RUN /opt/makelaar/bin/pip install --require-hashes --no-deps -r requirements/runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY requirements/node.lock requirements/
COPY assets assets
COPY tools/assets.sh tools/
COPY broker broker
# The stylesheets; Node comes from the Python index, and stays behind in this stage.
RUN tools/assets.sh
RUN /opt/makelaar/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11-slim
# No bytecode and no log files are written: the file system may be mounted read-only, but for /data and /tmp.
ENV PATH=/opt/makelaar/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MAKELAAR_DATA=/data \
    MAKELAAR_HOST=0.0.0.0 \
    MAKELAAR_PORT=8440
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /data makelaar \
    && install --directory --owner=makelaar --group=makelaar --mode=0700 /data
COPY --from=build /opt/makelaar /opt/makelaar
WORKDIR /app
COPY config config
# By number, so that an orchestrator can see that it is not root.
USER 10001:10001
VOLUME /data
EXPOSE 8440-8460
# As an exec form, so that SIGTERM reaches it.
CMD ["makelaar", "run"]
