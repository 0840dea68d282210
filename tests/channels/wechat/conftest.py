from tests.channels.platforms import client, redis_client, settings  # noqa: F401 fixtures
