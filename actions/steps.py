"""Steps that an agent hands to the bot: it ends them by giving back, and asks for nothing more."""

from __future__ import annotations

from actions.turn import Turn


async def is_for_agent(turn: Turn) -> bool:
    """Say whether an agent has the conversation: then the bot speaks only because it does a step for them."""
    return bool((await turn.crm.me())["mode"] == "human")


async def give_back(turn: Turn) -> bool:
    """Say, once a turn, that the colleague goes on; False when the bot serves by itself, and nothing is said."""
    if not await is_for_agent(turn):
        return False
    if not any(said.get("response") == "utter_colleague_goes_on" for said in turn.dispatcher.messages):
        turn.say("utter_colleague_goes_on")
    return True
