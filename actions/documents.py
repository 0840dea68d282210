"""Documents of claims: what is missing, and what becomes of a file that was sent."""

from __future__ import annotations

import json
from typing import Any

from actions.answering import answers
from actions.crm import IdentityRequired, NotFound, Record
from actions.formatting import join
from actions.steps import give_back, is_for_agent
from actions.turn import Part, Turn, part

_SENT_AGAIN = ("rejected", "lost")
_THAT_IS_ALL = "that_is_all"
_QUESTIONS = ("utter_which_claim_for_document", "utter_which_document")


@answers("action_upload_documents")
async def upload_documents(turn: Turn) -> None:
    """Take a file that was sent; without one, say what is still missing for which claim, and where to send it."""
    document_id = turn.entity("document_id")
    if document_id:
        await _take_file(turn, document_id)
    else:
        await _say_what_is_missing(turn)


async def _take_file(turn: Turn, document_id: str) -> None:
    if turn.entity("matter") == _THAT_IS_ALL:
        if not await give_back(turn):
            turn.say("utter_document_kept")
        return
    number, code = turn.entity("claim_number"), turn.entity("code")
    document = await turn.crm.document(document_id)
    if document["state"] == "stored" and (number or code):
        document = await turn.crm.attach_document(document_id, number, code)
    state = document["state"]
    if state != "stored":
        turn.say(f"utter_document_{state}")
    elif document.get("attached_to"):
        _say_attached(turn, document_id, document, goes_on=await _collects_more(turn, document))
    elif document.get("candidates"):
        choices = [_candidate(document_id, one) for one in document["candidates"]]
        turn.say("utter_which_claim_for_document", file=_which_file(document), choices=choices)
    elif turn.level < 2:
        raise IdentityRequired(2)
    else:
        turn.say("utter_document_kept" if await is_for_agent(turn) else "utter_document_loose")
    is_open = state in _SENT_AGAIN or turn.dispatcher.messages[-1]["response"] in _QUESTIONS
    if not is_open and not await _collects_more(turn, document):
        await give_back(turn)


async def _collects_more(turn: Turn, document: Record) -> bool:
    """Say whether the bot collects documents for an agent and more of them are missing."""
    return bool(document.get("attached_to") and document.get("still_missing")) and await is_for_agent(turn)


def _payload(**values: str) -> str:
    return f"/upload_documents{json.dumps(values, ensure_ascii=False)}"


def _candidate(document_id: str, claim: Record) -> dict[str, Any]:
    title = part(
        "utter_button_candidate",
        product=part(f"utter_product_{claim['product_type']}"),
        number=claim["number"],
    )
    return {"title": title, "payload": _payload(document_id=document_id, claim_number=claim["number"])}


def _which_file(document: Record) -> Part:
    """Name the file, so that the questions about two of them can be told apart."""
    if (document.get("sent_today") or 1) < 2:
        return part("utter_this_file")
    name = part("utter_file_name", name=document["name"][:40]) if document.get("name") else ""
    return part("utter_numbered_file", number=document["number_today"], name=name)


def _say_attached(turn: Turn, document_id: str, document: Record, goes_on: bool) -> None:
    """Say where the file is now and what is still missing; ask which document it is when that is not known.

    While an agent's step `goes_on`, a button ends it: the step lasts as long as the bot's last word offers a choice
    about a file.
    """
    target = document["attached_to"]
    missing = document.get("still_missing") or []
    lines: list[Part] = [part(f"utter_document_in_{target['kind']}", number=target.get("number") or "")]
    if not document.get("code") and len(missing) > 0:
        choices = [
            {
                "title": turn.localised(one["name"]),
                "payload": _payload(document_id=document_id, code=one["code"]),
            }
            for one in missing[:8]
        ]
        turn.say("utter_which_document", lines=lines, file=_which_file(document), choices=choices)
        return
    if missing and (target["kind"] == "claim" or goes_on):
        names = join([turn.localised(one["name"]) for one in missing], turn.language)
        lines.append(part("utter_claim_missing", documents=names))
    elif target["kind"] == "claim":
        lines.append(part("utter_documents_complete"))
    if goes_on:
        done = _payload(document_id=document_id, matter=_THAT_IS_ALL)
        lines.append(part("utter_send_the_rest"))
        turn.say(
            "utter_claim", lines=lines, choices=[{"title": part("utter_button_that_is_all"), "payload": done}]
        )
    else:
        turn.say("utter_claim", lines=lines)


async def _say_what_is_missing(turn: Turn) -> None:
    number = turn.number("claim_number")
    try:
        claims = [await turn.crm.claim(number)] if number else await turn.crm.claims()
    except NotFound:
        turn.ask_for("claim_number")
        turn.say("utter_claim_not_found", number=number)
        return
    except IdentityRequired:
        if turn.level == 0:
            raise
        claims = []
    waiting = [claim for claim in claims if claim.get("missing_documents")]
    lines = [
        part(
            "utter_claim_lacks",
            number=claim["number"],
            documents=join(
                [turn.localised(one["name"]) for one in claim["missing_documents"]], turn.language
            ),
        )
        for claim in waiting
    ]
    turn.say("utter_upload_missing" if lines else "utter_upload_general", lines=lines)


@answers("action_claim_materials")
async def claim_materials(turn: Turn) -> None:
    """Say which documents the kind of claim needs that the message names; else offer the kinds."""
    product, kind = turn.entity("product_type"), turn.entity("matter")
    types = [
        one for one in await turn.crm.materials(product) if not product or one["product_type"] == product
    ]
    chosen = [one for one in types if one["type"] == kind] or types
    if len(chosen) == 1:
        names = [turn.localised(one["name"]) for one in chosen[0]["documents"]]
        lines = [part("utter_bullet", name=name) for name in names]
        turn.say("utter_materials", kind=turn.localised(chosen[0]["name"]), lines=lines)
        return
    choices = [
        {
            "title": turn.localised(one["name"]),
            "payload": f'/ask_claim_materials{{"matter": "{one["type"]}"}}',
        }
        for one in chosen
    ]
    turn.say("utter_which_materials", choices=choices[:9])
