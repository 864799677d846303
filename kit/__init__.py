"""The ground: domain-free tools that every room stands on."""
