"""The roof: puts the rooms together into an application, its workers, its schedule and its commands."""
