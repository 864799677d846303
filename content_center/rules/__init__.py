"""Pure decisions of the content center: what may be forwarded, what a text says, which touches count."""
