"""Pictures as people send them, made by Pillow, which the program does not use."""
import io
import struct
import zlib

from PIL import Image

RED, GREEN = (220, 30, 30), (30, 200, 30)


def picture(kind="PNG", size=(8, 6), **more):
    """A picture, the left half red, the right half green."""
    image = Image.new("RGB", size, RED)
    image.paste(GREEN, (size[0] // 2, 0, *size))
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def moving(kind):
    """Two frames."""
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, GREEN)]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


def turned(kind, size=(48, 32), orientation=6):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return picture(kind, size, exif=exif)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb():
    """A PNG of 64 to 64 pixels in 4.7 MB, that inflate to 4.8 GB: everybody who looks for their end inflates for ten seconds."""
    packer = zlib.compressobj(9)
    zeros = packer.compress(b"\0" * 100_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    head = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zeros + zeros[2:] * 47) + chunk(b"IEND", b"")


def photo(size=(8, 6), orientation=6):
    """A JPEG as a telephone makes it: how it was held, where and by whom stands in it."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = "Aino Aloittaja"
    exif[0x8825] = {1: "N", 2: (62.0, 47.0, 25.0)}
    return picture("JPEG", size, exif=exif, comment=b"Aino Aloittaja")


def opened(data):
    return Image.open(io.BytesIO(data))


def noise(size=(1500, 1200)):
    """A JPEG that is large, as those of telephones are."""
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()
