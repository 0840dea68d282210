"""`python -m bot run` serves the assistant; `python -m bot train` trains it when something has changed."""

from __future__ import annotations

import argparse

from bot.quiet import prepare_environment
from bot.settings import read_settings


def main() -> None:
    """Read the command and do it."""
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="serve on ANDA_BOT_URL")
    train_parser = commands.add_parser("train", help="train the model if anything it is made of has changed")
    train_parser.add_argument("--force", action="store_true", help="train even when nothing has changed")
    arguments = parser.parse_args()
    prepare_environment()
    settings = read_settings()
    if arguments.command == "train":
        from bot.sentence_model import SentenceModelMissing
        from bot.training import train

        try:
            train(settings, force=arguments.force)
        except SentenceModelMissing as error:
            raise SystemExit(f"bot model: {error}") from error
    else:
        from bot.server import serve

        serve(settings)


if __name__ == "__main__":
    main()
