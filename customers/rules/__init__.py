"""Pure decisions about customers: who may be contacted when, and whose they may become."""
