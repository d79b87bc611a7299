"""Pictures as people send them, made by Pillow, which the program does not use."""
import io

from PIL import Image

RED, GREEN = (220, 30, 30), (30, 200, 30)


def picture(kind="PNG", size=(8, 6), **more):
    """A picture, the left half red, the right half green."""
    image = Image.new("RGB", size, RED)
    image.paste(GREEN, (size[0] // 2, 0, *size))
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


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
