"""What is kept of a login's address and browser."""

import pytest

from identity.clients import device_of, masked_address


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("198.51.100.7", "198.51.*.*"),
        ("2001:db8:1:2::3", "2001:db8:*"),
        ("::1", "0:0:*"),
        ("unknown", ""),
        ("", ""),
        ("<script>", ""),
    ],
)
def test_addresses_keep_their_network_only(address: str, kept: str) -> None:
    assert masked_address(address) == kept


CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME.format("Windows NT 10.0; Win64; x64"), "Chrome · Windows"),
        (CHROME.format("Windows NT 10.0; Win64; x64") + " Edg/130.0.0.0", "Edge · Windows"),
        (CHROME.format("Linux; Android 14; HUAWEI") + " MicroMessenger/8.0", "微信 · Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari · macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox · Linux"),
        ("python-httpx/0.28", "其他设备"),
        ("", "其他设备"),
        ("<b>" * 1000, "其他设备"),
    ],
)
def test_browsers_in_words(agent: str, words: str) -> None:
    assert device_of(agent) == words
