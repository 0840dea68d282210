"""Which notices a customer wants: stopped and resumed by purpose."""

from __future__ import annotations

from actions.answering import answers
from actions.turn import Turn, part
from actions.words import tells

_ALL = {"all", "marketing", "greetings", "reminders"}
RESUME = "resume_"


@answers("action_stop_notifications")
async def stop_notifications(turn: Turn) -> None:
    """Record what the customer no longer wants, by purpose; the same button takes it back."""
    chosen = turn.entity("matter") or ""
    is_back = chosen.startswith(RESUME)
    purpose = chosen.removeprefix(RESUME) if chosen else tells("notice_purpose", turn.text)
    if purpose not in _ALL:
        purpose = "all"
    await turn.crm.give_consent(purpose, is_back)
    name = part(f"utter_purpose_{purpose}")
    if is_back:
        turn.say("utter_notices_resumed", purpose=name)
        return
    undo = {
        "title": part("utter_button_resume"),
        "payload": f'/stop_notifications{{"matter": "{RESUME}{purpose}"}}',
    }
    turn.say("utter_notices_stopped", purpose=name, choices=[undo])
