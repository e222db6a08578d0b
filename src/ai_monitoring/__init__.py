"""The watch over Python AI services: metrics in the application, and the stack that reads them."""

__version__ = "0.1.0"
