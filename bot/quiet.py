"""Keeps Rasa's own chatter, and above all customers' words in its debug logs, out of our logs."""

from __future__ import annotations

import logging
import os
import warnings

ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "SANIC_HOST": "127.0.0.1",
    "CUDA_VISIBLE_DEVICES": "-1",
    # One message is too little to share among threads: they would wait for each other by spinning.
    "OPENBLAS_NUM_THREADS": "1",
    "LOG_LEVEL": "WARNING",
    "LOG_LEVEL_LIBRARIES": "ERROR",
}


def prepare_environment() -> None:
    """Set what Rasa reads when it is imported; what is set already wins."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    warnings.simplefilter("ignore")
    logging.getLogger().setLevel(logging.ERROR)


def configure_logging() -> None:
    """Let warnings and errors through, once Rasa is imported."""
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    configure_logging_and_warnings(log_level=logging.WARNING, warn_only_once=True, filter_repeated_logs=True)
    logging.getLogger("bot").setLevel(logging.INFO)
    warnings.simplefilter("ignore")
