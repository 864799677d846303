"""What becomes of a delivery."""

from kit.moves import Moves

DELIVERY_MOVES: Moves = {
    ("pending", "arrive"): "delivered",
    ("pending", "try_later"): "pending",
    ("pending", "give_up"): "dead",
    ("dead", "replay"): "pending",
}
