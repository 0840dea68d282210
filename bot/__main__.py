"""`python -m bot run` serves the assistant, `train` trains it when something has changed, `rollback` takes the model
that was in force before."""

from __future__ import annotations

import argparse
import json
import time
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from bot.quiet import prepare_environment
from bot.settings import Settings, read_settings
from bot.versions import NothingBefore

_SECONDS_TO_TAKE_IT = 60


def main() -> None:
    """Read the command and do it."""
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="serve on ANDA_BOT_URL")
    train_parser = commands.add_parser("train", help="train the model if anything it is made of has changed")
    train_parser.add_argument("--again", action="store_true", help="train even when nothing has changed")
    train_parser.add_argument(
        "--force", action="store_true", help="the same, and take the model even if it is worse"
    )
    commands.add_parser("rollback", help="put the model before in force again")
    arguments = parser.parse_args()
    prepare_environment()
    settings = read_settings()
    if arguments.command == "train":
        from bot.sentence_model import SentenceModelMissing
        from bot.training import give_up, train

        try:
            train(settings, again=arguments.again, force=arguments.force)
        except SentenceModelMissing as error:
            give_up(f"bot model: {error}")
        if arguments.again or arguments.force:
            _tell_whether_it_answers(settings)
    elif arguments.command == "rollback":
        _roll_back(settings)
        _tell_whether_it_answers(settings)
    else:
        from bot.server import serve

        serve(settings)


def _roll_back(settings: Settings) -> None:
    from bot.training import dialogue_fingerprint, give_up

    try:
        version = settings.versions.roll_back(dialogue_fingerprint)
    except NothingBefore as error:
        give_up(f"bot model: {error}")
    print(f"bot model: {version} is in force again", flush=True)


def _tell_whether_it_answers(settings: Settings) -> None:
    """Wait until a bot that runs has taken the model in force, and say so."""
    wanted, deadline = settings.versions.current, time.monotonic() + _SECONDS_TO_TAKE_IT
    url = f"http://{settings.host}:{settings.port}/webhooks/anda/health"
    opener = build_opener(ProxyHandler({}))
    while time.monotonic() < deadline:
        try:
            with opener.open(url, timeout=5) as answer:
                serving = json.load(answer).get("model")
        except (URLError, ValueError, OSError):
            print("bot model: no bot is running; the next start takes it", flush=True)
            return
        if serving == wanted:
            print(f"bot model: the running bot answers with {wanted}", flush=True)
            return
        time.sleep(0.5)
    print(f"bot model: the running bot did not take {wanted}; its log (bot.log) says why", flush=True)
    raise SystemExit(1)


if __name__ == "__main__":
    main()
