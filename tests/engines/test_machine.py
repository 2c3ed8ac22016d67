"""What is found out about this machine."""

import pytest

from colorizer.engines import machine


@pytest.fixture
def card(tmp_path, monkeypatch):
    """A machine with a card of NVIDIA's, and what pip brought for it."""
    driver, packages = tmp_path / "driver", tmp_path / "packages"
    monkeypatch.setattr(machine, "_NVIDIA", driver)
    monkeypatch.setattr(machine, "_PACKAGES", packages)
    (driver / "gpus" / "0000:01:00.0").mkdir(parents=True)
    (driver / "version").write_text("NVRM version: NVIDIA UNIX Kernel Module  580.95\nGCC version: 13\n")
    (driver / "gpus" / "0000:01:00.0" / "information").write_text("Model: \t NVIDIA T4\nIRQ: 17\n")
    (packages / "nvidia_cudnn_cu13-9.1.0.dist-info").mkdir(parents=True)
    return tmp_path


def _support():
    machine.gpu_support.cache_clear()
    return machine.gpu_support()


def test_another_driver_card_or_cudnn_is_another_machine(card):
    seen = {_support()}
    assert "580.95" in str(seen)
    assert "T4" in str(seen)
    assert "IRQ" not in str(seen)
    (card / "driver" / "version").write_text("NVRM version: NVIDIA UNIX Kernel Module  600.1\n")
    seen.add(_support())
    (card / "driver" / "gpus" / "0000:01:00.0" / "information").write_text("Model: NVIDIA L4\n")
    seen.add(_support())
    (card / "packages" / "nvidia_cudnn_cu13-9.1.0.dist-info").rename(
        card / "packages" / "nvidia_cudnn_cu13-9.2.0.dist-info"
    )
    seen.add(_support())
    machine.gpu_support.cache_clear()
    assert len(seen) == 4


def test_a_machine_without_a_card_of_nvidias_has_nothing_to_say(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "_NVIDIA", tmp_path / "none")
    monkeypatch.setattr(machine, "_PACKAGES", tmp_path)
    assert _support() == ()
    machine.gpu_support.cache_clear()
