"""Who makes content: writes it, reviews it, takes it back."""

MAKERS = frozenset({"hq_content", "hq_admin"})
