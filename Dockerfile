# The API and the dashboard on a bigger machine, without sound.
#
#   docker build -t heisenberg .
#   docker run -p 3001:3001 -v heisenberg:/data -e HEISENBERG_API__TOKEN=... heisenberg
#
# The token (16 characters or more) is needed: the API is reached from outside the container. The
# model files are fetched into /data at the first start.

FROM python:3.12-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential libportaudio2 make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --home-dir /data heisenberg

WORKDIR /app
COPY . .
# Built for the plainest processor: an image runs on others than it was built on.
RUN CMAKE_ARGS=-DGGML_NATIVE=OFF python3 -m scripts.setup --no-models \
    && chown -R heisenberg /app /data

USER heisenberg
ENV HOME=/data \
    HEISENBERG_STORE__DIR=/data/models \
    HEISENBERG_API__HOST=0.0.0.0
VOLUME /data
EXPOSE 3001
HEALTHCHECK --interval=30s --start-period=10m --timeout=5s \
    CMD [".venv/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:3001/health')"]
CMD ["sh", "-c", ".venv/bin/heisenberg models pull && exec .venv/bin/heisenberg run --no-audio"]
