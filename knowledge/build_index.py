"""Builds the index when the articles or the model changed: `python -m knowledge.build_index`."""

import os
import sys
import time

from knowledge import index
from knowledge.article import MalformedArticle
from knowledge.calibrate import calibrate
from knowledge.confidence import confidence_of
from knowledge.model_choice import ModelUnusable, SentenceModel, load_model
from knowledge.settings import Settings
from knowledge.source import ArticleSource, PulledSource


def bring_up_to_date(
    settings: Settings, source: ArticleSource, model: SentenceModel, progress: index.Progress
) -> tuple[index.Index, bool]:
    """The index of the source's articles, and whether it had to be built. Raises MalformedArticle."""
    articles = source.articles()
    try:
        known = index.load(settings.index_folder)
    except (
        index.IndexMissing,
        ValueError,
        KeyError,
        TypeError,
        OSError,
    ):  # never built, or of another format
        known = None
    if known and known.version == index.version_of(articles, model.fingerprint):
        return known, False
    built = index.build(articles, model, known, progress)
    index.save(built, settings.index_folder)
    return built, True


def main() -> int:
    """Exit status 0 when the index is up to date."""
    started = time.perf_counter()

    def show(done: int, total: int) -> None:
        print(
            f"knowledge index: {done} of {total} texts encoded ({time.perf_counter() - started:.0f} s)",
            flush=True,
        )

    try:
        settings = Settings()
        model = load_model(settings, workers=os.cpu_count() or 1)
        built, is_new = bring_up_to_date(settings, PulledSource(settings.pulled_file), model, show)
        if confidence_of(settings, model.fingerprint) is None:
            print(f"knowledge index: fitting the 'nothing fits' decision to {model.name}", flush=True)
            print("\n".join(calibrate(settings, model, built, show)))
    except (MalformedArticle, ModelUnusable) as error:
        print(f"knowledge index: {error}", file=sys.stderr)
        return 1
    state = f"built in {time.perf_counter() - started:.1f} s" if is_new else "up to date"
    print(
        f"knowledge index: {state}; {len(built.articles)} articles, {len(built.entries)} entries, {built.version}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
