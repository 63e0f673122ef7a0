"""What the hand may ask for; the window behind it is of no concern here."""

from typing import Protocol


class Dialogs(Protocol):
    """What asks the performer something, and the window it is asked in."""

    def ask_value(self, parameter: str) -> None:
        """Ask for a value to set."""
        ...

    def ask_name(self, pad: int, name: str) -> None:
        """Ask for the name of a look, with `name` written in already, and save it."""
        ...

    def ask_prompt(self) -> None:
        """Ask for the words of a mood, and mine it."""
        ...

    def control_menu(self, parameter: str) -> None:
        """Offer what can be done with a control."""
        ...

    def pad_menu(self, pad: int) -> None:
        """Offer what can be done with a look."""
        ...

    def input_menu(self) -> None:
        """Offer the inputs."""
        ...

    def show_settings(self) -> None:
        """Show what belongs to this machine."""
        ...

    def show_log(self) -> None:
        """Show the messages, and the delays."""
        ...

    def show_keys(self) -> None:
        """Show what the keys do."""
        ...

    def toggle_full_screen(self) -> None:
        """Let the window fill its screen, or give that back."""
        ...

    def choose_file(self) -> None:
        """Ask for an audio file to open."""
        ...

    def close(self) -> bool:
        """Close whatever is open, changing nothing; False if nothing was."""
        ...
