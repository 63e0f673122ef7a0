"""A JACK client that PortAudio takes for a sound interface: ``fake_interface.py NAME play|record|song [FILE]``.

``play``: channel 1 is noise, channel 2 counts samples / 2**24 (exact in float32), so every sample is known.
``song``: FILE (any sound file at the server's rate) is played once, in stereo, then silence.
``record``: what is played on its two outputs is written to FILE (npy) when its input is closed.
"""

import sys

import numpy as np

COUNT_MAX = 1 << 24
NOISE_SIZE = 1 << 16


def noise() -> np.ndarray:
    return np.random.default_rng(3).uniform(-0.5, 0.5, NOISE_SIZE).astype(np.float32)


def read_song(path: str) -> np.ndarray:
    import soundfile

    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    stereo = np.repeat(samples, 2, axis=1) if samples.shape[1] == 1 else samples[:, :2]
    # Whoever has just connected may not be listening yet.
    return np.concatenate([np.zeros((rate // 2, 2), np.float32), stereo])


def main(name: str, mode: str, path: str = "") -> None:
    import jack

    client = jack.Client(name, no_start_server=True)
    recorded: list[np.ndarray] = []
    if mode in ("play", "song"):
        outputs = [client.outports.register(f"in_{k}", is_physical=True, is_terminal=True) for k in (1, 2)]
    if mode == "song":
        song, place = read_song(path), 0

        def process(size: int) -> None:
            nonlocal place
            part = song[place : place + size]
            for channel, output in enumerate(outputs):
                array = output.get_array()
                array[:] = 0.0
                array[: len(part)] = part[:, channel]
            # The song waits until somebody listens, so that its beginning is heard.
            if any(client.get_all_connections(output) for output in outputs):
                place += size

    elif mode == "play":
        known, count = noise(), 1

        def process(size: int) -> None:
            nonlocal count
            index = np.arange(count, count + size)
            outputs[0].get_array()[:] = known[index % NOISE_SIZE]
            outputs[1].get_array()[:] = (index % COUNT_MAX) / np.float32(COUNT_MAX)
            count += size
    else:
        inputs = [client.inports.register(f"out_{k}", is_physical=True, is_terminal=True) for k in (1, 2)]

        def process(_size: int) -> None:
            recorded.append(np.stack([port.get_array() for port in inputs], axis=1))

    client.set_process_callback(process)
    with client:
        print("ready", flush=True)
        sys.stdin.read()
    if mode == "record" and path:
        np.save(path, np.concatenate(recorded))


if __name__ == "__main__":
    main(*sys.argv[1:])
