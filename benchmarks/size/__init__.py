"""Whether a guide, a manager or a region feels how large the chain is; see docs/benchmarks.md."""
