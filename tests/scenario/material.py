"""Real files for a report, made here: valid, small generators, a marker that
stands in each of them in the clear."""
import io
import struct
import zipfile
import zlib


def pdf(marker):
    """One page of text, uncompressed, with a right cross-reference table."""
    text = b"BT /F1 12 Tf 72 720 Td (%s) Tj ET" % marker.encode("ascii")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]"
        b"/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    where = []
    for n, body in enumerate(objects, 1):
        where.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (n, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for w in where:
        out.write(b"%010d 00000 n \n" % w)
    out.write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" %
              (len(objects) + 1, start))
    return out.getvalue()


# Annex K of ITU-T T.81: the usual table of DC codes.
DC_COUNTS = bytes([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
DC_VALUES = bytes(range(12))


def huffman(counts, values):
    codes, code, k = {}, 0, 0
    for length, n in enumerate(counts, 1):
        for _ in range(n):
            codes[values[k]] = (code, length)
            code, k = code + 1, k + 1
        code <<= 1
    return codes


def jpeg(marker, blocks=16):
    """A grey baseline JPEG, one shade a block; the marker is its comment."""
    def segment(kind, body):
        return struct.pack(">BBH", 0xff, kind, len(body) + 2) + body

    dc = huffman(DC_COUNTS, DC_VALUES)
    bits = ""
    before = 0
    for y in range(blocks):
        for x in range(blocks):
            level = (x * y * 7) % 256 - 128
            diff, before = level - before, level
            size = abs(diff).bit_length()
            code, length = dc[size]
            bits += format(code, "0%db" % length)
            if size:
                value = diff if diff > 0 else diff + (1 << size) - 1
                bits += format(value, "0%db" % size)
            bits += "0"             # the only AC code: end of block
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big")
    size = blocks * 8
    return (b"\xff\xd8" +
            segment(0xe0, b"JFIF\0\1\1\0\0\1\0\1\0\0") +
            segment(0xfe, marker.encode()) +
            segment(0xdb, b"\0" + b"\x08" * 64) +
            segment(0xc0, struct.pack(">BHHB", 8, size, size, 1) +
                    b"\1\x11\0") +
            segment(0xc4, b"\0" + DC_COUNTS + DC_VALUES) +
            segment(0xc4, b"\x10" + bytes([1] + [0] * 15) + b"\0") +
            segment(0xda, b"\1\1\0\0\x3f\0") +
            scan.replace(b"\xff", b"\xff\0") + b"\xff\xd9")


def docx(marker):
    """The least that an office program opens; stored, not compressed."""
    out = io.BytesIO()
    ns = "http://schemas.openxmlformats.org/"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as z:
        z.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types xmlns="'
                   + ns + 'package/2006/content-types"><Default Extension='
                   '"rels" ContentType="application/vnd.openxmlformats-package'
                   '.relationships+xml"/><Override PartName="/word/document.x'
                   'ml" ContentType="application/vnd.openxmlformats-officedoc'
                   'ument.wordprocessingml.document.main+xml"/></Types>')
        z.writestr("_rels/.rels", '<?xml version="1.0"?><Relationships xmlns="'
                   + ns + 'package/2006/relationships"><Relationship Id="r1" '
                   'Type="' + ns + 'officeDocument/2006/relationships/officeD'
                   'ocument" Target="word/document.xml"/></Relationships>')
        z.writestr("word/document.xml", '<?xml version="1.0" encoding="UTF-8"?'
                   '><w:document xmlns:w="' + ns + 'wordprocessingml/2006/mai'
                   'n"><w:body><w:p><w:r><w:t>' + marker +
                   '</w:t></w:r></w:p></w:body></w:document>')
    return out.getvalue()


def video(path, marker, size):
    """An MP4's boxes around bytes that do not repeat, the marker in each
    MiB."""
    ftyp = b"\0\0\0\x18ftypisom\0\0\2\0isommp41"
    step = 1 << 20
    with open(path, "wb") as f:
        f.write(ftyp + struct.pack(">I", 1) + b"mdat" +
                struct.pack(">Q", size - len(ftyp)))
        left = size - len(ftyp) - 16
        n = 0
        seed = zlib.compress(marker.encode() * 50)
        while left > 0:
            head = marker.encode() + b" %08d " % n
            piece = head + (seed + n.to_bytes(4, "big") * 64) * (
                step // (len(seed) + 256) + 1)
            piece = piece[:min(step, left)]
            f.write(piece)
            left -= len(piece)
            n += 1


TEXT = """Panitia meminta "uang rokok" 15% dari tiap paket — lihat berkas.
ꦱꦸꦫꦏꦂꦠ ꦏꦸꦛꦲꦶꦁ ꦗꦮꦠꦼꦔꦃ꧉
هذا بلاغ عن رشوة في مشروع السوق.
Baris keempat: a < b & c > d, 'kutip', \\ dan %00 {{token}} <b>tebal</b>.
{marker}"""


def text(marker):
    return TEXT.replace("{marker}", marker)
