# `make up` needs make, a C compiler, Python 3.10 and Python 3.11 or newer; everything else is fetched by pip and uv.
PYTHON ?= python3
INSTALL = $(PYTHON) -m backend.launch.install
SERVICE = .venv/service/bin/python
BOT = .venv/bot/bin/python
OURS = actions backend bot channels handoff knowledge tests

.PHONY: up run test check train rollback faults nlu-report bench backup restore requirements clean

up: ## Starts the demo: environments, models, database, demo company, every process
	@$(INSTALL) service bot model
	@exec $(SERVICE) -m backend.launch up

run: ## The same processes without the demo, from the settings
	@$(INSTALL) service bot model
	@exec $(SERVICE) -m backend.launch run

test: ## Everything that CI runs: unit and HTTP tests, the bot's, the browser's, and a short run of the faults
	@$(INSTALL) service dev bot model
	@$(SERVICE) -m backend.launch.browser
	@$(SERVICE) -m backend.launch prepare
	@$(SERVICE) -m backend.launch.tests

check: ## Format, lint, types, import rules
	@$(INSTALL) service dev
	.venv/service/bin/ruff format --check .
	.venv/service/bin/ruff check .
	$(SERVICE) -m mypy
	$(SERVICE) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

train: ## Trains the bot again; a model that is not worse takes over at once. FORCE=--force takes a worse one as well
	@$(INSTALL) service bot model
	@$(SERVICE) -m backend.launch train $(FORCE)

rollback: ## Puts the bot's model before in force again; a second time takes that back
	@$(INSTALL) service bot model
	@$(SERVICE) -m backend.launch rollback

backup: ## The whole database and the customers' files into one file: make backup FILE=anda.backup
	@$(INSTALL) service
	@$(SERVICE) -m backend.launch backup "$(FILE)"

restore: ## Puts a backup in place (Anda stopped): make restore FILE=anda.backup [REPLACE=--replace]
	@$(INSTALL) service
	@$(SERVICE) -m backend.launch restore "$(FILE)" $(REPLACE)

faults: ## The whole fault run: 200 conversations while every part is killed again and again; reports at the end
	@$(INSTALL) service dev bot model
	@$(SERVICE) -m backend.launch prepare
	@$(SERVICE) -m tests.faults

nlu-report: ## How well the bot's model understands the fixed split: figures, confusion matrix and confidences as pictures
	@$(INSTALL) service bot model
	@$(SERVICE) -m backend.launch prepare
	@ANDA_DATA_DIR=$${ANDA_DATA_DIR:-var} $(BOT) tests/bot/nlu_report.py

bench: ## Measures beside a yardstick in the same run; `make bench NAMES="intake latency"` runs some of it
	@$(INSTALL) service dev bot model
	@$(SERVICE) -m backend.launch prepare
	@$(SERVICE) -m tests.bench $(NAMES)

requirements: ## Compiles requirements/*.txt from the groups in pyproject.toml
	@$(PYTHON) -m backend.launch.install.pins

clean: ## Removes environments and caches, not the data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(OURS) -name __pycache__ -type d -prune -exec rm -rf {} +
