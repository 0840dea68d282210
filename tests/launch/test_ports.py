import socket

import pytest

from backend.launch.install.progress import Problem
from backend.launch.ports import check_ports
from backend.launch.settings import Launch


def launch(port: int, **others: str) -> Launch:
    values = {"ANDA_HOST": "127.0.0.1", "ANDA_PORT": str(port), "ANDA_DEMO": "0"}
    remote = "http://bot.example.org:5005"
    return Launch(
        values | {"ANDA_BOT_URL": remote, "ANDA_ACTIONS_URL": remote, "ANDA_KNOWLEDGE_URL": remote} | others
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_taken_port_is_named_with_its_setting_and_its_holder() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Problem, match=rf"port {port} \(ANDA_PORT\) is in use"):
            check_ports(launch(port))


def test_one_port_for_two_processes_is_refused() -> None:
    port = free_port()
    with pytest.raises(Problem, match=rf"ANDA_PORT and ANDA_BOT_URL both say port {port}"):
        check_ports(launch(port, ANDA_BOT_URL=f"http://127.0.0.1:{port}"))


def test_free_ports_and_ports_of_other_machines_pass() -> None:
    check_ports(launch(free_port()))
