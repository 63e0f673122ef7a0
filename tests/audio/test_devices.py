import pytest

from instrument.audio.child import pick_channels
from instrument.audio.devices import Device, Direction, find_device, parse_listing
from instrument.audio.wire import ChildMessage, StreamRequest
from instrument.errors import AudioError


def device(index, name, host_api="ALSA", inputs=2, outputs=2, **more):
    return Device(index, name, host_api, inputs, outputs, 48000, **more)


LAPTOP = (
    device(0, "Built-in Microphone", outputs=0, is_default_input=True),
    device(1, "Scarlett 2i2 USB"),
    device(2, "Scarlett 18i20 USB", inputs=18),
    device(3, "Scarlett", inputs=1),
    device(4, "HDMI", inputs=0, is_default_output=True),
)
WINDOWS = tuple(
    device(index, "Scarlett 2i2", host_api)
    for index, host_api in enumerate(["MME", "Windows DirectSound", "Windows WASAPI", "Windows WDM-KS"])
)


@pytest.mark.parametrize(
    ("part", "direction", "index"),
    [
        ("2i2", Direction.INPUT, 1),
        ("18I20 usb", Direction.INPUT, 2),
        ("scarlett", Direction.INPUT, 3),
        ("SCARLETT [ALSA]", Direction.INPUT, 3),
        ("", Direction.INPUT, 0),
        ("", Direction.OUTPUT, 4),
        ("hdmi", Direction.OUTPUT, 4),
        ("micro", Direction.INPUT, 0),
    ],
)
def test_found(part, direction, index):
    assert find_device(LAPTOP, part, direction).index == index


@pytest.mark.parametrize(
    ("part", "direction", "words"),
    [
        ("USB", Direction.INPUT, ["several", "Scarlett 2i2 USB", "Scarlett 18i20 USB"]),
        ("Motu", Direction.INPUT, ["'Motu'", "Built-in Microphone", "Scarlett 2i2 USB"]),
        ("HDMI", Direction.INPUT, ["no input device"]),
        ("micro", Direction.OUTPUT, ["no output device", "HDMI"]),
    ],
)
def test_not_found_lists_the_candidates(part, direction, words):
    with pytest.raises(AudioError) as caught:
        find_device(LAPTOP, part, direction)
    assert all(word in str(caught.value) for word in words)


def test_candidates_are_those_of_the_direction():
    with pytest.raises(AudioError) as caught:
        find_device(LAPTOP, "Motu", Direction.INPUT)
    assert "HDMI" not in str(caught.value)


def test_nothing_there():
    for part in ("", "x"):
        with pytest.raises(AudioError, match="no sound input device found"):
            find_device((), part, Direction.INPUT)


def test_no_default():
    with pytest.raises(AudioError, match="no default device; there are: Scarlett"):
        find_device(LAPTOP[1:3], "", Direction.INPUT)


def test_one_interface_under_several_host_apis():
    assert find_device(WINDOWS, "scarlett", Direction.INPUT).host_api == "Windows WASAPI"
    assert find_device(WINDOWS, "Scarlett 2i2 [MME]", Direction.INPUT).host_api == "MME"
    assert find_device(WINDOWS[:2], "2i2", Direction.INPUT).host_api == "Windows DirectSound"


def test_a_name_with_a_bracket_is_not_a_label():
    assert find_device((device(0, "Loopback [virtual]"),), "loopback [v", Direction.INPUT).index == 0


@pytest.mark.parametrize(
    ("inputs", "channels", "picked"),
    [(8, (), (0, 1)), (1, (), (0,)), (8, (3, 4), (2, 3)), (8, (8,), (7,)), (2, (2, 1), (1, 0))],
)
def test_channels(inputs, channels, picked):
    request = StreamRequest(Direction.INPUT, "x", 256, channels)
    assert pick_channels(device(0, "x", inputs=inputs), request) == picked


@pytest.mark.parametrize("channel", [0, 3])
def test_a_channel_that_is_not_there(channel):
    request = StreamRequest(Direction.INPUT, "x", 256, (1, channel))
    with pytest.raises(AudioError, match=f"x has no input channel {channel}; it has 1 to 2"):
        pick_channels(device(0, "x"), request)


def test_listing_among_chatter():
    text = b'ALSA lib confmisc.c\n\n{"devices": [%s]}\nbye\n'
    row = (
        b'{"index": 0, "name": "Caf\\u00e9", "host_api": "ALSA", "input_channels": 1, "output_channels": 0, '
        b'"sample_rate": 44100, "is_default_input": true, "is_default_output": false}'
    )
    (only,) = parse_listing(text % row)
    assert (only.name, only.sample_rate, only.is_default_input) == ("Café", 44100, True)
    assert parse_listing(text % b"") == ()


def test_listing_that_failed():
    with pytest.raises(AudioError, match="no PortAudio"):
        parse_listing(b'x\n{"error": "no PortAudio library"}\n')
    with pytest.raises(AudioError, match=r"broke down.*Aborted"):
        parse_listing(b"noise\nAborted\n")


def test_request_and_message_survive_the_wire():
    request = StreamRequest(Direction.OUTPUT, "Café [ALSA]", 256, (1, 2), 44100)
    assert StreamRequest.from_json(request.to_json()) == request
    message = ChildMessage("device", name="Café", channels=2, sample_rate=44100)
    lines = message.to_line().splitlines()
    assert [ChildMessage.from_line(line) for line in lines] == [None, message]
