"""The knowledge service: `POST /search`, `GET /articles/{article}`, `GET /health` (docs/contracts.md)."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from pydantic import BaseModel, Field

from knowledge.article import Language, ProductType
from knowledge.confidence import EVIDENCE, NOT_CALIBRATED
from knowledge.follow import Follower
from knowledge.passages import plain
from knowledge.pull import Puller
from knowledge.retriever import DEPTH, Hit, Retriever
from knowledge.settings import ServiceSettings
from knowledge.source import PulledSource


class Question(BaseModel):
    """A customer's question, and what is known about the conversation."""

    query: str = Field(min_length=1, max_length=100_000)
    language: Literal["zh-Hans", "zh-Hant", "zh", "en"] = "zh-Hans"
    product_type: ProductType | None = None


class SearchRequest(Question):
    """At most `limit` articles are wanted."""

    limit: int = Field(default=3, ge=1, le=10)


class Other(BaseModel):
    """An article that is close to the question."""

    article: str
    language: Language
    title: str
    score: float


class Answer(Other):
    """The passage that answers, and where it comes from."""

    passage: str
    source: str


class SearchResult(BaseModel):
    """`answer` is null when nothing fits."""

    fits: bool
    answer: Answer | None
    others: list[Other]


class Explained(Other):
    """What speaks for an article."""

    passage: str
    evidence: dict[str, float]


class Explanation(BaseModel):
    """The ten best articles; `fits` when the first one's score reaches the threshold."""

    fits: bool
    threshold: float
    index: str
    hits: list[Explained]


class ArticleRead(BaseModel):
    """An article for reading."""

    article: str
    language: Language
    title: str
    text: str
    source: str


def create_app(settings: ServiceSettings) -> FastAPI:
    """The service; the index is loaded in the background, and again whenever a new version appears."""
    source = PulledSource(settings.pulled_file)
    follower = Follower(settings, source, Puller(settings, source))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        following = asyncio.create_task(follower.run())
        yield
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

    # These two are async because FastAPI would hand anything else to a thread, which costs more than they do.
    async def check_token(request: Request) -> None:
        expected = f"Bearer {settings.service_token.get_secret_value()}"
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise HTTPException(401, "service token missing or wrong", {"WWW-Authenticate": "Bearer"})

    async def loaded() -> Retriever:
        if follower.retriever is None:
            raise HTTPException(503, "the index is not loaded")
        return follower.retriever

    Loaded = Annotated[Retriever, Depends(loaded)]  # noqa: N806 - a type
    app = FastAPI(title="Anda knowledge", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/search", dependencies=[Depends(check_token)])
    def search(asked: SearchRequest, retriever: Loaded) -> SearchResult:
        language: Language = "en" if asked.language == "en" else "zh"
        result = retriever.search(asked.query, language, asked.product_type, settings.today(), asked.limit)
        first, others = (result.hits[:1], result.hits[1:]) if result.fits else ([], result.hits)
        return SearchResult(
            fits=result.fits,
            answer=_answer(first[0]) if first else None,
            others=[_other(hit) for hit in others],
        )

    @app.post("/explain", dependencies=[Depends(check_token)])
    def explain(asked: Question, retriever: Loaded) -> Explanation:
        language: Language = "en" if asked.language == "en" else "zh"
        result = retriever.search(asked.query, language, asked.product_type, settings.today(), DEPTH)
        return Explanation(
            fits=result.fits,
            threshold=retriever.confidence.threshold if retriever.confidence else 1.0,
            index=retriever.index.version,
            hits=[_explained(hit) for hit in result.hits],
        )

    @app.get("/articles/{article}", dependencies=[Depends(check_token)])
    def read_article(article: str, retriever: Loaded, language: str = "zh") -> ArticleRead:
        wanted: Language = "en" if language == "en" else "zh"
        found = [
            one for one in retriever.index.articles if one.id == article and one.is_valid_on(settings.today())
        ]
        if not found:
            raise HTTPException(404, "no such article")
        chosen = next((one for one in found if one.language == wanted), found[0])
        fields = chosen.model_dump(include={"language", "title", "source"})
        return ArticleRead(article=chosen.id, text=plain(chosen.text), **fields)

    @app.get("/health")
    def health(response: Response) -> dict[str, Any]:
        if follower.retriever is None:
            response.status_code = 503
            return {"status": "loading", "detail": follower.problem}
        index = follower.retriever.index
        passages = sum(entry.kind == "passage" for entry in index.entries)
        counts = {"articles": len(index.articles), "passages": passages, "model": index.model}
        if follower.retriever.confidence is None:
            counts["detail"] = NOT_CALIBRATED
        return {"status": "ok", **counts}

    return app


def _other(hit: Hit) -> Other:
    article = hit.article
    return Other(
        article=article.id, language=article.language, title=article.title, score=round(hit.score, 3)
    )


def _answer(hit: Hit) -> Answer:
    return Answer(**_other(hit).model_dump(), passage=hit.passage, source=hit.article.source)


def _explained(hit: Hit) -> Explained:
    evidence = {name: round(float(value), 3) for name, value in zip(EVIDENCE, hit.evidence, strict=True)}
    return Explained(**_other(hit).model_dump(), passage=hit.passage, evidence=evidence)
