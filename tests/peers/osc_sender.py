"""An OSC surface in a process of its own: ``osc_sender.py PORT``. Says what it is told on stdin, tells what it hears.

A line of JSON on stdin is ``[address, arguments]``, or a list of such for one bundle, or a text: bytes in hex. What
comes back, if anything, is a line of JSON on stdout in the same form.
"""

import json
import socket
import sys
import threading

from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg


def packet(said: object) -> bytes:
    if isinstance(said, str):
        return bytes.fromhex(said)
    assert isinstance(said, list)
    if isinstance(said[0], str):
        return bytes(build_msg(said[0], said[1]).dgram)
    # A time tag long to come: who waits for it is never heard of again.
    bundle = OscBundleBuilder(4_000_000_000 - 2_208_988_800)
    for message in said:
        bundle.add_content(build_msg(*message))
    return bytes(bundle.build().dgram)


def main(port: int) -> None:
    spoken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    spoken.bind(("127.0.0.1", 0))

    def hear() -> None:
        while True:
            message = OscMessage(spoken.recv(65_535))
            print(json.dumps([message.address, list(message)]), flush=True)

    threading.Thread(target=hear, daemon=True).start()
    print("up", flush=True)
    for line in sys.stdin:
        spoken.sendto(packet(json.loads(line)), ("127.0.0.1", port))


if __name__ == "__main__":
    main(int(sys.argv[1]))
