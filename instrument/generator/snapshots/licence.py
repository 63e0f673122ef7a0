"""What a file says of its licence: a stranger's text, made fit to print. It is shown, never obeyed."""

NOT_STATED = "not stated in the file; whoever plays it must know it"

_SEARCHED = 8000
"""Characters of a source that are looked at."""
_MAX_CHARACTERS = 4000
_MAX_LINES = 60


def leading_comment(source: str) -> str:
    """The comment that Python `source` begins with, without its signs; empty if there is none. Compiles nothing.

    >>> leading_comment("# Copyright (c) Ada\\n#\\n# All rights reserved.\\n\\nimport os\\n")
    'Copyright (c) Ada\\n\\nAll rights reserved.'
    """
    lines: list[str] = []
    for line in source[:_SEARCHED].lstrip().splitlines():
        if not line.lstrip().startswith("#"):
            break
        lines.append(line.lstrip(" \t#"))
    return fit_to_print("\n".join(lines))


def fit_to_print(text: str) -> str:
    """`text` in lines without control characters, cut where it is longer than a licence's head.

    >>> fit_to_print("MIT\\x1b[2J\\r\\n\\tno \\u202ewarranty")
    'MIT[2J\\nno warranty'
    """
    lines = [_printable(line) for line in text[:_SEARCHED].splitlines()[:_MAX_LINES]]
    return "\n".join(lines).strip()[:_MAX_CHARACTERS]


def _printable(line: str) -> str:
    return "".join(sign for sign in line.replace("\t", " ") if sign.isprintable()).strip()
