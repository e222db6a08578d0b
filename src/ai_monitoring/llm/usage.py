"""What a call used: tokens by type."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, as OpenTelemetry counts them: `input_tokens` holds what was read from and written to a prompt
    cache, `output_tokens` holds reasoning. Input and output together are all. `caching_told` says that the provider
    told what it read from its prompt cache, be it nothing.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    caching_told: bool = False

    def sound(self) -> "Usage":
        """The same with 0 for what is no number of tokens, and no part above its whole: whoever counted was wrong."""
        if self._is_sound():
            return self
        whole, written_out = _count(self.input_tokens), _count(self.output_tokens)
        read = min(_count(self.cache_read_tokens), whole)
        return Usage(
            input_tokens=whole,
            output_tokens=written_out,
            cache_read_tokens=read,
            cache_write_tokens=min(_count(self.cache_write_tokens), whole - read),
            reasoning_tokens=min(_count(self.reasoning_tokens), written_out),
            caching_told=self.caching_told,
        )

    def _is_sound(self) -> bool:
        whole, out = self.input_tokens, self.output_tokens
        read, written, reasoning = self.cache_read_tokens, self.cache_write_tokens, self.reasoning_tokens
        numbers = type(whole) is type(out) is type(read) is type(written) is type(reasoning) is int
        return numbers and read >= 0 and 0 <= written <= whole - read and 0 <= reasoning <= out

    def by_type(self) -> tuple[tuple[str, int], ...]:
        """The values of the label `type`, each with its tokens."""
        return (
            ("input", self.input_tokens),
            ("output", self.output_tokens),
            ("cache_read", self.cache_read_tokens),
            ("cache_write", self.cache_write_tokens),
            ("reasoning", self.reasoning_tokens),
        )


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
