"""The Videos page: films in, their colours shown, jobs made of them."""
