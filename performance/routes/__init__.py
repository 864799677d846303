"""Figures, what they mean, and boards."""

from performance.routes import boards, content, figures, metrics, subjects
from performance.routes.blueprint import bp

__all__ = ["boards", "bp", "content", "figures", "metrics", "subjects"]
