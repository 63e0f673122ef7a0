"""How Dear PyGui's items are named."""

Tag = int | str
