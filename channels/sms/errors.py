"""Twilio's error codes, by what they mean for a message of ours."""

from __future__ import annotations

from twilio.base.exceptions import TwilioRestException

from channels.sending import OutcomeUnknown, SendLater, SendRejected

# It may work in a while: slow down, queue full, unreachable, expired in a queue, our credentials (20003).
LATER = frozenset({"20003", "20429", "20500", "20503", "20504", "14107", "21611", "30001", "30003", "30036"})
# The recipient sent STOP: at once for a number, in the status callback with a Messaging Service.
OPTED_OUT = "21610"
# A gateway answered instead of Twilio: Twilio may have taken the message all the same.
GATEWAY = frozenset({502, 504})


def failure_of(error: TwilioRestException) -> SendRejected | SendLater | OutcomeUnknown:
    """What a refused request means: 4xx are final but for the codes of `LATER`; 429 and 5xx may be retried."""
    # Without a code of Twilio's in the answer the library puts the HTTP status there.
    code = str(error.code or error.status)
    if error.status in GATEWAY and code == str(error.status):
        return OutcomeUnknown(f"HTTP {error.status}")
    if code in LATER or error.status in (401, 429) or error.status >= 500:
        return SendLater(code)
    return SendRejected(code, opted_out=code == OPTED_OUT)
