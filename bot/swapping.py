"""Takes a new model while the bot serves: turns that were begun end with the old one, the following go to the new.

The bot looks at which version is in force (bot/versions.py) instead of being told: so it needs no address and no
token, several bots on one folder follow alike, and what was switched while nothing ran is found at the next start.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from bot.turn import primary_store
from bot.versions import Versions, version_of

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
_TRIAL = "你好"


def serving(agent: Agent | None) -> str | None:
    """Return the version of the model that this agent answers with."""
    processor = getattr(agent, "processor", None)
    return version_of(processor.model_filename) if processor else None


async def follow(app: Any, versions: Versions, look_seconds: float = LOOK_SECONDS) -> None:
    """Put the version in force in place of the one that serves, whenever it is another; never ends by itself."""
    failed = None
    while True:
        await asyncio.sleep(look_seconds)
        wanted = versions.current
        if wanted is None or wanted in (failed, serving(app.ctx.agent)):
            continue
        try:
            app.ctx.agent = await asyncio.to_thread(load_beside, app.ctx.agent, versions.model(wanted))
        except Exception as error:  # noqa: BLE001 whatever is wrong with the new model, the old one serves on
            failed = wanted
            logger.error("the model %s cannot be used (%s): the one before serves on", wanted, error)
        else:
            failed = None
            logger.info("the model %s answers from now on", wanted)


def load_beside(old: Agent, model: Path) -> Agent:
    """Return an agent with this model that shares the old one's stores, and has answered a first message.

    It has wordings and a domain of its own: the old agent's turns are not touched.
    """
    new = Agent(
        domain=old.domain,
        generator=type(old.nlg)(domain=old.domain),
        tracker_store=primary_store(old.tracker_store),
        lock_store=old.lock_store,
        action_endpoint=old.action_endpoint,
    )
    new.load_model(model)
    asyncio.run(new.processor.parse_message(UserMessage(_TRIAL)))
    return new
