"""Checks of Suture by programs that know nothing of it: they load what it wrote, and compare."""

import pytest

import suture


def pytest_configure(config):
    config.stash[started] = suture.program()


started = pytest.StashKey()


def pytest_report_header(config):
    return f"suture: {config.stash[started]}"


@pytest.fixture(scope="session", autouse=True)
def own_caches(tmp_path_factory):
    """Made-up models go into a folder of this run, and nothing is looked up in anybody's hub cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUTURE_CACHE", str(tmp_path_factory.mktemp("synthetic")))
        patch.setenv("HF_HUB_CACHE", str(tmp_path_factory.mktemp("hub")))
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield


def pytest_terminal_summary(terminalreporter):
    passed = len(terminalreporter.stats.get("passed", []))
    failed = len(terminalreporter.stats.get("failed", [])) + len(terminalreporter.stats.get("error", []))
    terminalreporter.write_line(f"interop: {passed} passed, {failed} failed")
