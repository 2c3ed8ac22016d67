"""Training, export and evaluation of the starter network. Nothing in the package imports this folder."""
