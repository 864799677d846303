"""Figures, what they mean, and boards."""

from performance.routes import boards, content, figures, formula, metrics, subjects
from performance.routes.blueprint import bp

__all__ = ["boards", "bp", "content", "figures", "formula", "metrics", "subjects"]
