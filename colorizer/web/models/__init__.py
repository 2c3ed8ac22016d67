"""The Models page: networks on this disk, downloads, measurements; the choice of a network on every page."""
