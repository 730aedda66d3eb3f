"""QR symbols, as a matrix for PDFs and as SVG for pages.

The smallest version that holds the payload at level M and one fixed mask: trying all eight masks, as encoders do by
default, costs four times as much and readers do not need it.
"""

# Bytes that versions 1, 2, … hold at error correction level M (ISO/IEC 18004, byte mode).
_CAPACITY = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412)
_MASK = 2

Matrix = tuple[tuple[bool, ...], ...]


def qr_matrix(payload: str) -> Matrix:
    """The symbol as rows of dark (True) and light modules, without its quiet zone of 4 modules.

    Raises ValueError when the payload is empty or longer than 412 bytes.
    """
    import segno

    data = payload.encode()
    version = next((n for n, most in enumerate(_CAPACITY, start=1) if len(data) <= most), None)
    if not data or version is None:
        raise ValueError("payload does not fit a QR symbol")
    symbol = segno.make(data, error="m", version=version, mode="byte", mask=_MASK, boost_error=False)
    return tuple(tuple(bool(module) for module in row) for row in symbol.matrix)


def qr_runs(matrix: Matrix) -> list[tuple[int, int, int]]:
    """Dark stretches as (column, row from the top, length): a third of the rectangles of module by module."""
    runs: list[tuple[int, int, int]] = []
    for y, row in enumerate(matrix):
        start = None
        for x, dark in enumerate((*row, False)):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                runs.append((start, y, x - start))
                start = None
    return runs
