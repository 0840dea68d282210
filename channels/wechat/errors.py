"""WeChat's error codes, by what they mean for a message of ours. They come with HTTP 200."""

from __future__ import annotations

from channels.sending import SendLater, SendRejected

TOKEN = frozenset({40001, 40014, 42001})
# Seconds to wait: the platform is busy, or we were too fast (per minute) or too many (per day).
LATER = {-1: None, 45009: 60.0, 45011: 30.0, 61024: None}
# Ours to put right (app secret, addresses allowed, account frozen): the message itself is good.
MISCONFIGURED = frozenset(
    {40002, 40013, 40125, 40164, 41002, 41004, 45029, 50002, 50004, 89503, 89506, 89507}
)
# Final for this message: bad openid 40003, no raw UTF-8 40033, template 40037 and 47003, does not follow
# 43004, blacklisted 43019, refused 43101, too long 45002, outside the window 45015, over the send quota 45047,
# no permission 48001, user refuses 48002, unfollowed 50005, risky content 87014, and every code unknown to us.

# The person left the account, blocked it or refuses its messages.
REFUSED = frozenset({43004, 43019, 43101, 48002, 50005})
# Outside the window or over the quota: possible again once the customer writes.
OVER = frozenset({45015, 45047})


def failure_of(errcode: int) -> SendRejected | SendLater:
    """What an answer with this code means; the platform did not take the message."""
    if errcode in LATER:
        return SendLater(str(errcode), retry_after=LATER[errcode])
    if errcode in TOKEN or errcode in MISCONFIGURED:
        return SendLater(str(errcode), retry_after=5.0)
    return SendRejected(str(errcode), opted_out=errcode in REFUSED, is_over=errcode in OVER)
