"""QR symbols."""

import pytest
import segno
import zxingcpp
from PIL import Image

from lms.paper.qr import qr_matrix, qr_runs


def picture(matrix: tuple[tuple[bool, ...], ...]) -> Image.Image:
    side = len(matrix) + 8
    image = Image.new("L", (side, side), 255)
    for x, y, length in qr_runs(matrix):
        image.paste(0, (x + 4, y + 4, x + 4 + length, y + 5))
    return image.resize((side * 4, side * 4), Image.Resampling.NEAREST)


@pytest.mark.parametrize("length", [1, 14, 15, 26, 42, 62, 84, 85, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412])
def test_reads_back_at_every_version_and_is_the_smallest(length: int) -> None:
    payload = ("https://aula.example/constancias/K7QM2XWD9RTB4HFP0Z81/" * 9)[:length]
    matrix = qr_matrix(payload)
    assert [code.text for code in zxingcpp.read_barcodes(picture(matrix))] == [payload]
    smallest = segno.make(payload.encode(), error="m", mode="byte", boost_error=False, micro=False)
    assert len(matrix) == len(smallest.matrix)


def test_many_folios_read_with_the_fixed_mask() -> None:
    for number in range(60):
        payload = f"https://aula.example/constancias/{number * 7919:020d}"
        assert zxingcpp.read_barcodes(picture(qr_matrix(payload)))[0].text == payload


@pytest.mark.parametrize("payload", ["", "x" * 413])
def test_refuses_what_does_not_fit(payload: str) -> None:
    with pytest.raises(ValueError):
        qr_matrix(payload)
