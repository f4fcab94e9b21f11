#!/bin/sh
# Start a llama.cpp server that several rooms or programs share:
#   ./start_llama_server.sh [MODEL.gguf] [options; --help lists them]
# Without a file, the configured model. Heisenberg uses it with llm.backend = "server".
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
if [ -x "$here/.venv/bin/heisenberg" ]; then
	exec "$here/.venv/bin/heisenberg" llama-server "$@"
fi
if command -v heisenberg >/dev/null; then
	exec heisenberg llama-server "$@"
fi
echo "Heisenberg is not set up yet: run 'make setup' in $here." >&2
exit 1
