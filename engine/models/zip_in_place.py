"""A zip whose members are changed where they lie: where the bytes of a stored member begin, and the
checksums that have to follow. Nothing moves, so that offsets and alignment stay as they were.

Source: APPNOTE.TXT of PKWARE, 4.3.7 local header, 4.3.9 data descriptor, 4.3.12 directory.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from engine import files

LOCAL, ROW, DESCRIPTOR = 30, 46, b"PK\x07\x08"
HAS_DESCRIPTOR = 0x8


def starts(data: bytes | bytearray, name: str) -> dict[str, int]:
    """Where the bytes of every member begin that is stored as it is; packed ones are left out."""
    return {
        member.name: _start(data, member.info)
        for member in files.members(bytes(data), name)
        if member.info.compress_type == zipfile.ZIP_STORED
    }


def _start(data: bytes | bytearray, info: zipfile.ZipInfo) -> int:
    words, extra = struct.unpack_from("<HH", data, info.header_offset + 26)
    return info.header_offset + LOCAL + int(words) + int(extra)


def mend(buffer: bytearray) -> None:
    """Write the checksum of every stored member anew: into its header, behind it, and into the
    directory."""
    with zipfile.ZipFile(io.BytesIO(bytes(buffer))) as archive:
        at, rows = archive.start_dir, archive.infolist()
    for info in rows:
        if info.compress_type == zipfile.ZIP_STORED:
            start = _start(buffer, info)
            end = start + info.file_size
            check = struct.pack("<I", zlib.crc32(buffer[start:end]))
            buffer[at + 16 : at + 20] = check
            if not info.flag_bits & HAS_DESCRIPTOR:
                buffer[info.header_offset + 14 : info.header_offset + 18] = check
            else:
                end += 4 * buffer.startswith(DESCRIPTOR, end)
                buffer[end : end + 4] = check
        at += ROW + sum(struct.unpack_from("<HHH", buffer, at + 28))
