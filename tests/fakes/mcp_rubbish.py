"""Programs that are no MCP servers: ``python mcp_rubbish.py KIND``. They start at once."""

import signal
import sys


def main(kind: str) -> None:
    match kind:
        case "hangs":
            sys.stdin.read()
        case "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                signal.pause()
        case "endless":
            while True:
                sys.stdout.write("x" * 65536)
        case "ends":
            return


if __name__ == "__main__":
    main(sys.argv[1])
