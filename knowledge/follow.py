"""Keeps the service on the newest index, and the index on the newest articles."""

import asyncio
import logging
import sys

from knowledge.article import Article, MalformedArticle
from knowledge.confidence import NOT_CALIBRATED, confidence_of
from knowledge.index import IndexMissing, current_version, load, version_of
from knowledge.model_choice import ModelUnusable, SentenceModel, load_model
from knowledge.pull import ApiAway, Puller
from knowledge.retriever import Retriever
from knowledge.settings import Settings
from knowledge.source import ArticleSource, PulledSource

PERIOD = 20.0  # seconds; a change of an article is answered from within a minute
UNTIL_FIRST = 3.0  # the same before the api has answered for the first time
log = logging.getLogger("anda.knowledge")


class Follower:
    """Holds the retriever in use; `problem` says why there is none, or why it is not the newest."""

    def __init__(
        self, settings: Settings, source: ArticleSource | None = None, puller: Puller | None = None
    ) -> None:
        self._settings = settings
        self._source = source or PulledSource(settings.pulled_file)
        self._puller = puller
        self._has_pulled = False
        self._is_away = False
        self._model: SentenceModel | None = None
        self._tried: str | None = None
        self._versioned: tuple[list[Article] | None, str] = (None, "")
        self.retriever: Retriever | None = None
        self.problem = ""

    async def run(self) -> None:
        """Loads, builds and swaps until it is cancelled; a failed step is logged and tried again."""
        while True:
            await asyncio.to_thread(self.pull)
            try:
                await asyncio.to_thread(self.load_newest)
                if await asyncio.to_thread(self.is_behind):
                    await self._rebuild()
                    await asyncio.to_thread(self.load_newest)
                self.problem = ""
            except (
                IndexMissing,
                MalformedArticle,
                ModelUnusable,
                OSError,
                ValueError,
                RuntimeError,
            ) as error:
                self.problem = str(error)
                log.error("knowledge index: %s", error)
            await asyncio.sleep(PERIOD if self._has_pulled else UNTIL_FIRST)

    def pull(self) -> None:
        """Fetches what changed; while the api is away the articles stay as they are, which is logged once."""
        if self._puller is None:
            return
        try:
            if self._puller.pull():
                log.info("knowledge: articles changed")
            self._has_pulled, self._is_away = True, False
        except ApiAway as error:
            if not self._is_away:
                log.warning("knowledge: %s; serving what is there", error)
            self._is_away = True

    def load_newest(self) -> None:
        """Swaps in the current version, or its calibration, when it is another one than the one in use."""
        version = current_version(self._settings.index_folder)
        if version is None:
            return
        self._model = self._model or load_model(self._settings)
        confidence = confidence_of(self._settings, self._model.fingerprint)
        used = self.retriever
        if used and (used.index.version, used.confidence) == (version, confidence):
            return
        index = load(self._settings.index_folder)
        if index.fingerprint != self._model.fingerprint:
            return  # vectors of another model: wait for the index to be rebuilt
        self.retriever = Retriever(index, self._model, confidence)
        log.info("knowledge index %s: %s articles", index.version, len(index.articles))
        if confidence is None:
            log.warning("knowledge: %s", NOT_CALIBRATED)

    def is_behind(self) -> bool:
        """Whether the articles are no longer those of the index; the same articles are tried only once."""
        self._model = self._model or load_model(self._settings)
        articles = self._source.articles()
        if articles != self._versioned[0]:  # hashing thousands of articles would hold up the answers
            self._versioned = (articles, version_of(articles, self._model.fingerprint))
        wanted = self._versioned[1]
        if wanted in {self._tried, self.retriever and self.retriever.index.version}:
            return False
        self._tried = wanted
        return True

    async def _rebuild(self) -> None:
        """In a process of its own, so that answering does not wait for it."""
        build = await asyncio.create_subprocess_exec(sys.executable, "-m", "knowledge.build_index")
        try:
            if await build.wait() != 0:
                raise RuntimeError("building the index failed")
        finally:
            if build.returncode is None:
                build.terminate()
