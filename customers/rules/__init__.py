"""Pure decisions about customers: who may be contacted when, whose they may become, how they are told apart."""
