"""The platform's flat XML as a dictionary; document types, and with them entities, are refused."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from backend.core.errors import BadRequest

# XML knows no such characters, people's keyboards do: a message is not lost for one.
FORBIDDEN = bytes(set(range(32)) - set(b"\t\n\r"))


class _NoDoctype(TreeBuilder):
    """Stops at a document type before any entity it declares could be expanded."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise BadRequest("Document types are refused.")


def parse_xml(body: bytes) -> dict[str, str]:
    """The root's children: tag → text, nested ones as `Outer.Inner`; raises `BadRequest` for anything else."""
    parser = XMLParser(target=_NoDoctype())  # noqa: S314
    try:
        parser.feed(body.translate(None, FORBIDDEN))
        root: Any = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise BadRequest("The body is not XML.") from error
    if not isinstance(root, Element) or root.tag != "xml":
        raise BadRequest("The body is not XML of the platform's.")
    fields: dict[str, str] = {}
    _flatten(root, "", fields)
    return fields


def _flatten(parent: Element, prefix: str, fields: dict[str, str], depth: int = 0) -> None:
    for child in parent:
        if len(child) and depth < 3:
            _flatten(child, f"{prefix}{child.tag}.", fields, depth + 1)
        else:
            fields[f"{prefix}{child.tag}"] = child.text or ""
