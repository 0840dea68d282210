"""What has to be there before processes start: model, tables, demo company, index, trained bot."""

import asyncio
import sys
from collections.abc import Callable

from backend.launch.children import dies_with_parent
from backend.launch.display import Display
from backend.launch.install.progress import Problem
from backend.launch.model import model_folder
from backend.launch.processes import BOT_PYTHON, MODEL_PYTHON, SERVICE_PYTHON, knowledge_python, tail
from backend.launch.settings import ROOT, Launch

Say = Callable[[str], None]
_BOT = (str(BOT_PYTHON), "-W", "ignore", "-m", "bot")
_MODEL_IS_INTACT = (
    "import sys, pathlib; from knowledge.model.manifest import is_intact; "
    "sys.exit(0 if is_intact(pathlib.Path(sys.argv[1])) else 1)"
)


class Preparation:
    """Runs the steps of a start; each is cheap when there is nothing to do."""

    def __init__(self, launch: Launch, display: Display) -> None:
        self._launch = launch
        self._display = display
        self._log = launch.data_folder / "logs" / "prepare.log"

    async def make_model(self) -> None:
        """Makes the sentence model unless it is there and intact."""
        folder = str(model_folder(ROOT))
        with self._display.step("sentence model") as step:
            if await self._run((str(SERVICE_PYTHON), "-c", _MODEL_IS_INTACT, folder), step.say) == 0:
                step.outcome = "up to date"
                return
            install = (sys.executable, "-m", "backend.launch.install", "model")
            await self._must(
                install, step.say, "the tools that make the sentence model could not be installed"
            )
            make = (str(MODEL_PYTHON), "-m", "knowledge.make_model", "--out", folder)
            await self._must(make, step.say, "the sentence model could not be made")
            step.outcome = "made"

    async def migrate(self) -> None:
        """Brings the tables up to date."""
        with self._display.step("tables") as step:
            command = (str(SERVICE_PYTHON), "-m", "backend.migrations")
            await self._must(command, step.say, "the tables could not be brought up to date")

    async def load_demo(self) -> None:
        """Loads the demo company unless it is there."""
        with self._display.step("demo company") as step:
            command = (str(SERVICE_PYTHON), "-m", "backend.demo", "load")
            await self._must(command, step.say, "the demo company could not be loaded")

    async def seed_articles(self) -> None:
        """Loads the articles that come with the product into an empty table: in the demo they answer at once, else
        they are drafts for the editors."""
        with self._display.step("articles") as step:
            publish = ("--publish",) if self._launch.is_demo else ()
            command = (str(SERVICE_PYTHON), "-m", "backend.articles", "seed", "--once", *publish)
            await self._must(command, step.say, "the articles could not be loaded")

    async def build_index(self) -> None:
        """Indexes the articles when they changed."""
        with self._display.step("knowledge index") as step:
            python = knowledge_python(self._launch)
            if python != SERVICE_PYTHON:
                install = (sys.executable, "-m", "backend.launch.install", "knowledge")
                await self._must(install, step.say, "what runs ANDA_KNOWLEDGE_MODEL could not be installed")
            command = (str(python), "-m", "knowledge.build_index")
            await self._must(command, step.say, "the knowledge index could not be built")

    async def train_bot(self) -> None:
        """Trains the bot when what it is made of changed."""
        with self._display.step("bot's training") as step:
            await self._must((*_BOT, "train"), step.say, "the bot could not be trained")

    async def tell_bot(self, *command: str) -> int:
        """Lets the bot do it, shows every line it says, and returns its exit status."""
        return await self._run((*_BOT, *command), self._display.line)

    async def _must(self, command: tuple[str, ...], say: Say, complaint: str) -> None:
        status = await self._run(command, say)
        if status != 0:
            raise Problem(f"{complaint} (exit status {status}). The end of {self._log}:\n{tail(self._log)}")

    async def _run(self, command: tuple[str, ...], say: Say) -> int:
        """Runs a command to its end: all it prints goes to the log, what it says of its progress to the display."""
        with self._log.open("ab", buffering=0) as log:
            log.write(f"$ {' '.join(command)}\n".encode())
            child = await asyncio.create_subprocess_exec(
                *command,
                cwd=ROOT,
                env=self._launch.values | {"PYTHONUNBUFFERED": "1"},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                preexec_fn=dies_with_parent(),
                start_new_session=True,
                limit=1_000_000,
            )
            assert child.stdout is not None
            try:
                async for line in child.stdout:
                    log.write(line)
                    if text := line.decode(errors="replace").strip():
                        say(text)
                return await child.wait()
            finally:
                if child.returncode is None:
                    child.kill()
                    await child.wait()
