"""Setting up cameras: trying an address, templates of addresses, files of many cameras."""
