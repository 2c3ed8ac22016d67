"""The networks this program knows, as rows of data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from colorizer.errors import ModelUnknown

Role = Literal["prototxt", "weights", "centres", "onnx"]
NetworkInput = Literal["lightness", "grey-rgb"]

CAFFE_ROLES: frozenset[Role] = frozenset({"prototxt", "weights", "centres"})
ONNX_ROLES: frozenset[Role] = frozenset({"onnx"})

# What networks must be given of a ramp of 8-bit grey levels, by what they take in. Computed with 40 decimal digits from
# the published formulas, by none of this program's code (the test of this file does it again): v = level / 255 is the
# grey RGB; linear Y = v / 12.92 up to v = 0.04045, else ((v + 0.055) / 1.055)^2.4 (IEC 61966-2-1); L* = (29/3)^3 Y up
# to Y = (6/29)^3, else 116 Y^(1/3) - 16 (CIE 1976); minus 50, as Zhang, Isola, Efros 2016 centre it. DDColor takes the
# RGB of a Lab picture whose a* and b* are 0: v in each channel.
GREY_RAMP = (0, 1, 8, 32, 64, 96, 128, 160, 192, 224, 255)
PREPROCESSED: Mapping[NetworkInput, tuple[float, ...]] = {
    "lightness": (
        -50.0, -49.7258, -47.8066, -37.75, -22.9066, -9.2695, 3.5850, 15.8678, 27.7044, 39.1773, 50.0
    ),
    "grey-rgb": (
        0.0, 0.00392, 0.03137, 0.12549, 0.25098, 0.37647, 0.50196, 0.62745, 0.75294, 0.87843, 1.0
    ),
}  # fmt: skip


@dataclass(frozen=True)
class ModelFile:
    """One file of a network: what it must weigh, how it must hash, and where it can be had."""

    role: Role
    name: str
    size: int  # bytes
    sha256: str
    urls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name or Path(self.name).name != self.name:
            raise ValueError(f"name must be a plain file name, and is {self.name!r}")
        if not self.size > 0:
            raise ValueError(f"size of {self.name} must be above 0 bytes, and is {self.size}")
        if not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise ValueError(f"sha256 of {self.name} must be 64 lower-case hexadecimal digits, and is {self.sha256!r}")
        for url in self.urls:
            if not url.startswith(("https://", "http://")):
                raise ValueError(f"urls of {self.name} must be http or https addresses, and one is {url!r}")


@dataclass(frozen=True)
class Model:
    """One network: its files, what it takes in, and where it comes from."""

    id: str
    title: str
    files: tuple[ModelFile, ...]
    licence: str
    source: str
    input: NetworkInput = "lightness"
    multiple: int = 8  # both sides of the network's input are multiples of this
    fixed_size: int | None = None  # the only side the network takes, where it takes one only
    default_size: int = 224
    cell: int | None = 4  # pixels of the input to a cell of the answer, each way; None where nobody has said
    in_catalog: bool = True
    bundled: bool = False  # part of the program: never downloaded, never removed
    note: str = ""

    def __post_init__(self) -> None:
        roles = [file.role for file in self.files]
        if len(roles) != len(set(roles)) or set(roles) not in (CAFFE_ROLES, ONNX_ROLES):
            raise ValueError(
                f"files of {self.id} must be a prototxt, weights and centres, or one onnx, and are {roles}"
            )
        if not self.multiple > 0:
            raise ValueError(f"multiple of {self.id} must be above 0, and is {self.multiple}")
        if self.default_size <= 0 or self.default_size % self.multiple:
            raise ValueError(
                f"default_size of {self.id} must be a multiple of {self.multiple}, not {self.default_size}"
            )
        if self.cell is not None and (self.cell <= 0 or self.multiple % self.cell):
            raise ValueError(f"cell of {self.id} must divide its multiple {self.multiple}, and is {self.cell}")
        if self.fixed_size not in {None, self.default_size}:
            raise ValueError(f"fixed_size of {self.id} must be its default_size {self.default_size}, or None")

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    @property
    def runs_on(self) -> Literal["caffe", "onnx"]:
        """The kind of files the network is made of."""
        return "onnx" if self.files[0].role == "onnx" else "caffe"

    def file(self, role: Role) -> ModelFile:
        """The file with this role. Raises ValueError when the network has none."""
        for file in self.files:
            if file.role == role:
                return file
        raise ValueError(f"{self.id} has no file of the kind {role}")


_OPEN_VINO = "https://storage.openvinotoolkit.org/repositories/datumaro/models/colorization"
_ZHANG = "https://raw.githubusercontent.com/richzhang/colorization/caffe"

STARTER = Model(
    id="starter",
    title="Starter",
    files=(
        ModelFile(
            "prototxt",
            "starter.prototxt",
            17871,
            "387c0ca7594ccf725fa82d520ca5a059386efbc36b8fce7fadb6625c041a4817",
        ),
        ModelFile(
            "weights",
            "starter.caffemodel",
            10347388,
            "3e59f778511a11dbd665364b5ddb83c0c5422e7d198120822c02e70f8c0ed879",
        ),
        ModelFile(
            "centres",
            "pts_in_hull.npy",
            1952,
            "cc9254bb33c07f7adaa72f8ce084e29dcfa2b9eccc65cac84facb9162b70670c",
        ),
    ),
    licence="Apache-2.0",
    source="trained for this program",
    multiple=32,
    bundled=True,
    note="Comes with the program: small, quick, and works with no download.",
)

ECCV16 = Model(
    id="eccv16",
    title="Colorful Image Colorization (2016)",
    files=(
        ModelFile(
            "prototxt",
            "colorization_deploy_v2.prototxt",
            9945,
            "d16418cef8df4ccd703a55ae0ef3960861d5010418f77c90d0a47689998a7169",
            (
                f"{_OPEN_VINO}/colorization_deploy_v2.prototxt",
                f"{_ZHANG}/models/colorization_deploy_v2.prototxt",
                f"{_ZHANG}/colorization/models/colorization_deploy_v2.prototxt",
            ),
        ),
        ModelFile(
            "weights",
            "colorization_release_v2.caffemodel",
            128946764,
            "f5af1e602646328c792e1094f9876fe9cd4c09ac46fa886e5708a1abc89137b1",
            (
                "https://github.com/spmallick/learnopencv/releases/download/Colorization/colorization_release_v2.caffemodel",
                f"{_OPEN_VINO}/colorization_release_v2.caffemodel",
                "https://huggingface.co/spaces/BilalSardar/Black-N-White-To-Color/resolve/main/colorization_release_v2.caffemodel",
                "https://huggingface.co/spaces/viveknarayan/Image_Colorization/resolve/main/colorization_release_v2.caffemodel",
                "https://www.dropbox.com/s/dx0qvhhp5hbcx7z/colorization_release_v2.caffemodel?dl=1",
                "http://eecs.berkeley.edu/~rich.zhang/projects/2016_colorization/files/demo_v2/colorization_release_v2.caffemodel",
            ),
        ),
        ModelFile(
            "centres",
            "pts_in_hull.npy",
            5088,
            "b5dec01315c34f43f1c8c089e84c45ae35d1838d8e77ed0e7ca930f79ffa450e",
            (
                f"{_OPEN_VINO}/pts_in_hull.npy",
                f"{_ZHANG}/resources/pts_in_hull.npy",
                f"{_ZHANG}/colorization/resources/pts_in_hull.npy",
            ),
        ),
    ),
    licence="BSD-2-Clause",
    source="Zhang, Isola, Efros, ECCV 2016, https://github.com/richzhang/colorization",
    multiple=8,
    note="The classic network: strong, lively colours.",
)

DDCOLOR = Model(
    id="ddcolor",
    title="DDColor (2023), half precision",
    files=(
        ModelFile(
            "onnx",
            "ddcolor-fp16.onnx",
            113225654,
            "40ff5091157701a76f05f630b40ce1de7de8d15f1abfa8c403947e4e4ebab73c",
            (
                "https://huggingface.co/wavespeed/image-colorizer/resolve/1859b31ce0a54ba3afdf7d55bbe1a151c981b29f/ddcolor-fp16.onnx",
            ),
        ),
    ),
    licence="Apache-2.0",
    source="Kang et al., ICCV 2023, https://github.com/piddnad/DDColor",
    input="grey-rgb",
    multiple=256,
    fixed_size=256,
    default_size=256,
    cell=1,
    note="The best published quality of the three; one network size only.",
)

CATALOG: tuple[Model, ...] = (STARTER, ECCV16, DDCOLOR)
DEFAULT_MODEL = "starter"


def find_model(model_id: str) -> Model:
    """The row of the catalog with this id. Raises ModelUnknown, which names the ids there are."""
    for model in CATALOG:
        if model.id == model_id:
            return model
    known = ", ".join(model.id for model in CATALOG)
    raise ModelUnknown(
        f"There is no model called {model_id!r}. There are {known}; a folder with a network of your own works as well."
    )
