"""Pulls what changed of the articles from the api, over HTTP."""

from typing import Any

import httpx

from knowledge.article import Article, MalformedArticle
from knowledge.settings import ServiceSettings
from knowledge.source import Pulled, PulledSource

TIMEOUT, PAGE = 10.0, 200


class ApiAway(Exception):
    """The api could not be asked, or said something else than articles."""


class Puller:
    """Keeps the file of a `PulledSource` like what the api serves."""

    def __init__(self, settings: ServiceSettings, source: PulledSource) -> None:
        self._address = settings.api_url.rstrip("/")
        self._token = settings.service_token.get_secret_value()
        self._source = source

    def pull(self) -> bool:
        """Whether anything changed. Raises ApiAway; the file then stays as it was."""
        try:
            kept = self._source.read()
        except MalformedArticle:
            kept = None  # pulled anew
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            with httpx.Client(
                base_url=self._address, headers=headers, timeout=TIMEOUT, trust_env=False
            ) as client:
                pulled = _follow(client, kept)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise ApiAway(f"articles cannot be pulled: {type(error).__name__}") from error
        if kept is not None and pulled == kept:
            return False
        self._source.write(pulled)
        return True


def _follow(client: httpx.Client, kept: Pulled | None) -> Pulled:
    cursor = kept.cursor if kept else None
    topics: dict[tuple[str, str], list[Article]] = {}
    for article in kept.articles if kept else ():
        topics.setdefault((article.language, article.id), []).append(article)
    while True:
        parameters = {"limit": str(PAGE), **({"after": cursor} if cursor else {})}
        answer = client.get("/api/v1/articles/changes", params=parameters)
        answer.raise_for_status()
        page: dict[str, Any] = answer.json()
        if page["starts_over"]:
            topics.clear()
        for change in page["items"]:
            topics[change["language"], change["topic"]] = [
                Article(id=change["topic"], language=change["language"], **version)
                for version in change["versions"]
            ]
        cursor = page["next"]
        if not page["has_more"]:
            return Pulled(page["next"], [one for versions in topics.values() for one in versions])
