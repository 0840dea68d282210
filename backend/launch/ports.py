"""Looks before anything is started whether the ports are free, and says who has them."""

import os
import socket
from urllib.parse import urlsplit

import psutil

from backend.launch.install.progress import Problem
from backend.launch.settings import LOCAL_URLS, Launch


def wanted_ports(launch: Launch) -> dict[str, tuple[str, int]]:
    """Returns host and port of every process that is started here, by the setting that decides them."""
    names = [name for name in LOCAL_URLS if launch.runs_here(name)]
    names += ["ANDA_SIMULATOR_URL"] if launch.is_demo else []
    wanted = {"ANDA_PORT": (launch.values["ANDA_HOST"], int(launch.values["ANDA_PORT"]))}
    for name in names:
        parts = urlsplit(launch.values[name])
        wanted[name] = (parts.hostname or "127.0.0.1", parts.port or 80)
    return wanted


def check_ports(launch: Launch) -> None:
    """Raises Problem naming each port that is taken, twice wanted included, its setting and, where the system tells,
    the process that has it."""
    complaints = []
    wanted = wanted_ports(launch)
    for name, (host, port) in wanted.items():
        others = [other for other, (_, theirs) in wanted.items() if theirs == port and other < name]
        if others:
            complaints.append(f"{name} and {others[0]} both say port {port}")
        elif not _is_free(host, port):
            complaints.append(f"port {port} ({name}) is in use{_holder(port)}")
    if complaints:
        raise Problem(
            f"{'; '.join(complaints)}. Stop that program, or choose other ports, for instance "
            f"`{_example(list(wanted))} make up`."
        )


def _is_free(host: str, port: int) -> bool:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError:
        return False
    return True


def _holder(port: int) -> str:
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return ""
    for connection in connections:
        is_listener = connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        if is_listener and connection.pid and connection.pid != os.getpid():
            try:
                command = " ".join(psutil.Process(connection.pid).cmdline())[:80]
            except psutil.Error:
                command = "?"
            return f" by process {connection.pid} ({command})"
    return ""


def _example(names: list[str]) -> str:
    return " ".join(
        f"{name}={9000 + number}" if name == "ANDA_PORT" else f"{name}=http://127.0.0.1:{9000 + number}"
        for number, name in enumerate(names)
    )
