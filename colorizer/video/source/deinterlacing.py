"""Interlaced pictures made progressive, one for one, each keeping its time."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from av.error import BlockingIOError as NothingYet
from av.error import EOFError as Drained
from av.filter.graph import Graph
from av.video.frame import VideoFrame

from colorizer.video.source.decoding import Decoded


def deinterlaced(pictures: Iterable[Decoded], time_base: Fraction) -> Iterator[Decoded]:
    """The same pictures with the second field's lines drawn anew.

    The lines of a picture follow the one before it and the one after it. A graph takes pictures of one size and format.
    Source: ffmpeg's bwdif, one frame out for one frame in, the parity taken from each frame.
    """
    graph: Graph | None = None
    kind: tuple[int, int, str] | None = None
    waiting: dict[int, Decoded] = {}
    for decoded in pictures:
        before, kind = kind, (decoded.picture.width, decoded.picture.height, decoded.picture.format.name)
        if graph is not None and kind != before:
            graph.vpush(None)
            yield from _pulled(graph, time_base, waiting)
        if graph is None or kind != before:
            graph = _graph(decoded.picture, time_base)
        waiting[decoded.pts] = decoded
        decoded.picture.pts = decoded.pts
        decoded.picture.time_base = time_base
        graph.vpush(decoded.picture)
        yield from _pulled(graph, time_base, waiting)
    if graph is not None:
        graph.vpush(None)
        yield from _pulled(graph, time_base, waiting)


def _graph(picture: VideoFrame, time_base: Fraction) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=picture.width, height=picture.height, format=picture.format, time_base=time_base
    )  # fmt: skip
    graph.link_nodes(source, graph.add("bwdif", "mode=send_frame:deint=all"), graph.add("buffersink")).configure()
    return graph


def _pulled(graph: Graph, time_base: Fraction, waiting: dict[int, Decoded]) -> Iterator[Decoded]:
    while True:
        try:
            picture = graph.vpull()
        except (NothingYet, Drained):
            return
        pts = round((picture.pts or 0) * (picture.time_base or time_base) / time_base)
        decoded = waiting.pop(pts, None)
        if decoded is not None:
            yield replace(decoded, picture=picture)
