"""The Latent Instrument: sound in, pictures out, hands on top."""

__version__ = "0.1.0"
