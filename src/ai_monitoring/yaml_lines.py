"""On which line of a YAML file a key stands, so that an error can say it."""

from collections.abc import Iterable
from pathlib import Path


def place_of(files: Iterable[Path], key: str) -> str:
    """Such as ` (monitoring.yaml, line 12)`, of the first file that has `key`; "" where none has. Parts of a key are
    joined by dots, and may hold some: `prices.openai.gpt-4.1`.
    """
    for file in files:
        line = _line(file, key)
        if line:
            return f" ({file.name}, line {line})"
    return ""


def _line(file: Path, key: str) -> int:
    """From 1 on; 0 where the key, or its nearest parent below the top, is not in the file."""
    import yaml

    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return 0
    line = 0
    while key and isinstance(node, yaml.MappingNode):
        found = [(name, value) for name, value in node.value if f"{key}.".startswith(f"{name.value}.")]
        if not found:
            break
        name, node = max(found, key=lambda pair: len(str(pair[0].value)))
        key = key[len(name.value) + 1 :]
        line = name.start_mark.line + 1
    return line
