"""Pictures of kinds that the Rust encoders cannot write, for tests/photos.rs.

    pip install pillow==13.0.0
    python tools/make_photo_fixtures.py

Each shows the same in its first frame: 32×16 pixels, the left half red, the right half white.
"""

from pathlib import Path

from PIL import Image

OUT = Path(__file__).parent.parent / "tests/fixtures/photos"
RED, WHITE, BLUE = (200, 16, 32), (250, 250, 250), (0, 0, 255)


def picture(left=RED, right=WHITE):
    image = Image.new("RGB", (32, 16), right)
    image.paste(left, (0, 0, 16, 16))
    return image


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    first, second = picture(), picture(BLUE, BLUE)
    first.convert("CMYK").save(OUT / "cmyk.jpg", quality=95)
    first.save(OUT / "progressive.jpg", quality=95, progressive=True)
    first.convert("P", palette=Image.Palette.ADAPTIVE).save(OUT / "palette.png")
    first.save(OUT / "animated.gif", save_all=True, append_images=[second], duration=100)
    first.save(OUT / "animated.webp", save_all=True, append_images=[second], duration=100, lossless=True)
    first.save(OUT / "animated.png", save_all=True, append_images=[second], duration=100)
    first.convert("CMYK").save(OUT / "cmyk.tiff", compression="tiff_lzw")


if __name__ == "__main__":
    main()
