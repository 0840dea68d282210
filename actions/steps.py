"""Steps that an agent hands to the bot: it ends them by giving back, and asks for nothing more."""

from __future__ import annotations

from actions.turn import Turn


async def give_back(turn: Turn) -> bool:
    """Say, once a turn, that the colleague goes on; False when the bot serves by itself, and nothing is said."""
    if (await turn.crm.me())["mode"] != "human":
        return False
    if not any(said.get("response") == "utter_colleague_goes_on" for said in turn.dispatcher.messages):
        turn.say("utter_colleague_goes_on")
    return True
