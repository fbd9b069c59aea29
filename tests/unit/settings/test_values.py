"""The clouds that the bot may be registered in."""

import msgspec
import pytest

from settings import Cloud, Settings


def test_the_token_goes_to_exact_hosts_of_one_cloud() -> None:
    hosts = Cloud().service_hosts
    assert "smba.trafficmanager.net" in hosts
    assert not any("*" in host or host.endswith(".us") for host in hosts)


def test_settings_can_be_pointed_at_another_cloud_but_not_changed() -> None:
    cloud = Cloud(login_url="http://127.0.0.1:9000", service_hosts=frozenset({"127.0.0.1"}))
    settings = Settings(cloud=cloud)
    assert settings.cloud.login_url == "http://127.0.0.1:9000"
    with pytest.raises(AttributeError):
        settings.port = 1  # type: ignore[misc]
    assert msgspec.structs.replace(settings, port=1).port == 1
