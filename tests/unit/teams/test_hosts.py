"""Which addresses may see the bot's token."""

import pytest

from settings import Cloud
from teams.hosts import Hosts

NAMES = [*Cloud().service_hosts, "*.botframework.com"]

TRUSTED = [
    "https://smba.trafficmanager.net/emea/",
    "https://smba.trafficmanager.net:443/teams",
    "https://SMBA.TrafficManager.NET/amer",
    "https://smba.infra.gcc.teams.microsoft.com/gcc",
    "https://webchat.botframework.com/",
    "https://a.b.botframework.com/",
]
REFUSED = [
    # not over TLS
    "http://smba.trafficmanager.net/emea/",
    # looks alike
    "https://evil.trafficmanager.net/",
    "https://smba.trafficmanager.net.evil.com/",
    "https://evilsmba.trafficmanager.net/",
    "https://evilbotframework.com/",
    # a wildcard does not stand for the name itself
    "https://botframework.com/",
    # other ports and users
    "https://smba.trafficmanager.net:8443/emea/",
    "https://smba.trafficmanager.net@evil.com/",
    "https://user:secret@smba.trafficmanager.net/",
    # what parsers disagree about
    "https://evil.com\\@smba.trafficmanager.net/",
    "https://evil.com#@smba.trafficmanager.net/",
    "https://smba.trafficmanager.net/?x=1",
    "https://smba.trafficmanager.net.:443/",
    # not addresses
    "",
    "smba.trafficmanager.net",
    "//smba.trafficmanager.net/emea",
    "ftp://smba.trafficmanager.net/",
    "https://",
    "https://smba.trafficmanager.net:port/",
    "https://[::1",
    # loopback outside of local mode
    "http://127.0.0.1:56150/_connector",
    "http://localhost:56150/_connector",
    "https://localhost/",
]
LOOPBACK = [
    "http://localhost:56150/_connector",
    "http://127.0.0.1:56150/_connector",
    "http://127.8.9.1/",
    "http://[::1]:56150/",
    "https://localhost/",
]


@pytest.mark.parametrize("url", TRUSTED)
def test_teams_hosts_are_trusted(url: str) -> None:
    assert Hosts(NAMES).allows(url)


@pytest.mark.parametrize("url", REFUSED)
def test_everything_else_is_refused(url: str) -> None:
    assert not Hosts(NAMES).allows(url)


@pytest.mark.parametrize("url", LOOPBACK)
def test_local_mode_trusts_loopback_without_tls(url: str) -> None:
    assert Hosts(local=True).allows(url)


@pytest.mark.parametrize(
    "url", ["http://192.168.1.5/", "http://0.0.0.0/", "http://localhost.evil.com/"]
)
def test_local_mode_trusts_nothing_but_loopback(url: str) -> None:
    assert not Hosts(NAMES, local=True).allows(url)


def test_a_loopback_host_can_be_listed_by_name() -> None:
    hosts = Hosts(["127.0.0.1"])
    assert hosts.allows("http://127.0.0.1:9000/teams")
    assert not hosts.allows("http://localhost:9000/teams")


def test_the_list_replaces_the_usual_hosts() -> None:
    hosts = Hosts(["connector.example.com"])
    assert hosts.allows("https://connector.example.com/teams")
    assert not hosts.allows("http://connector.example.com/teams")
    assert not hosts.allows("https://smba.trafficmanager.net/emea")


def test_what_is_called_is_what_was_checked() -> None:
    url = Hosts(NAMES).trusted("https://SMBA.trafficmanager.net/a/../emea/")
    assert url is not None
    assert (url.host, url.path) == ("smba.trafficmanager.net", "/emea/")
