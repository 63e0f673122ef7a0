"""A MIDI controller in a process of its own: a JACK port that says what it is told on stdin. Run by the tests."""

import sys


def main(name: str) -> None:
    import mido

    mido.set_backend("mido.backends.rtmidi/UNIX_JACK")
    port = mido.open_output("to_app", virtual=True, client_name=name)
    print("up", flush=True)
    for line in sys.stdin:
        status, number, value = (int(word) for word in line.split())
        port.send(mido.Message.from_bytes([status, number, value]))


if __name__ == "__main__":
    main(sys.argv[1])
