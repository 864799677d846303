"""Who acts: regions, stores, staff and integrators; who they are, what they may do, how far they see."""
