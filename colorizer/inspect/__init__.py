"""What may crash, or hold the studio up: done in processes of its own."""
