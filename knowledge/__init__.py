"""Search over the insurer's articles: the sentence model, the index, the retriever and the service."""
