"""Between the network and the application: slow clients wait here, where waiting holds no thread."""
